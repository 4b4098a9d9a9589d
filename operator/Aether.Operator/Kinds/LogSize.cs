using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>The maximum size of the log, as far as it depends on the size of its volume.</summary>
internal static class LogSize
{
    /// <summary>The maximum if the volume's size is unknown.</summary>
    public const string Default = "4Gi";

    private const long Mebibyte = 1 << 20;

    /// <summary>The volume's size in the spec; null if it has none, as with a claim or the node's disk.</summary>
    public static string? OfVolume(WalVolumeSpec? volume) => volume?.Ephemeral?.Size ?? volume?.EmptyDir?.SizeLimit;

    /// <summary>
    /// The maximum size in bytes: spec.wal.maxBytes if it fits on the volume, otherwise nine tenths of the volume. A
    /// spec stored before sizes were checked may exceed its volume.
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
