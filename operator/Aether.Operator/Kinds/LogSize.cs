using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>How large the log may become, as far as that follows from the size of its volume.</summary>
internal static class LogSize
{
    /// <summary>Where the volume's size is not known.</summary>
    public const string Default = "4Gi";

    private const long Mebibyte = 1 << 20;

    /// <summary>Size of the volume by the spec; null if it names none, as with a claim or the node's disk.</summary>
    public static string? OfVolume(WalVolumeSpec? volume) => volume?.Ephemeral?.Size ?? volume?.EmptyDir?.SizeLimit;

    /// <summary>
    /// Most bytes of the log: those the spec names if the volume has room for them, else nine tenths of the volume. A
    /// spec that was stored before sizes were checked may name more than its volume has.
    /// </summary>
    public static long Resolve(WalSpec wal)
    {
        var asked = ByteSize.Parse(wal.MaxBytes ?? Default);
        if (OfVolume(wal.Volume) is not { } text)
            return asked;
        var size = ByteSize.Parse(text);
        if (wal.MaxBytes is not null && asked < size)
            return asked;
        var fitting = size / 10 * 9 / Mebibyte * Mebibyte;
        return Math.Max(Math.Min(asked, fitting), WorldLimits.MinSegments * ByteSize.Parse(wal.SegmentSize));
    }
}
