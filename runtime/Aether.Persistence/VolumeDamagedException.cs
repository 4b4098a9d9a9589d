namespace Aether.Persistence;

/// <summary>A file on the volume, other than log and snapshots, is not as an agent wrote it.</summary>
public sealed class VolumeDamagedException(string file, string reason, string advice)
    : Exception($"'{file}' on the volume is damaged: {reason} {advice}")
{
    /// <summary>The file, relative to the volume's root.</summary>
    public string File { get; } = file;

    /// <summary>What is wrong.</summary>
    public string Reason { get; } = reason;

    /// <summary>What to do.</summary>
    public string Advice { get; } = advice;
}
