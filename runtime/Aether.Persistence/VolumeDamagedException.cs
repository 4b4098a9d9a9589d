namespace Aether.Persistence;

/// <summary>A file of the volume, beside its log and its snapshots, is not what an agent writes.</summary>
public sealed class VolumeDamagedException(string file, string reason, string advice)
    : Exception($"'{file}' on the volume is damaged: {reason} {advice}")
{
    /// <summary>The file, from the volume's root.</summary>
    public string File { get; } = file;

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; } = reason;

    /// <summary>What to do about it.</summary>
    public string Advice { get; } = advice;
}
