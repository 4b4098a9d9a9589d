namespace Aether.Persistence.Wal;

/// <summary>
/// The log on the volume is damaged in a way that a crash does not cause. The agent does not start on it.
/// </summary>
public sealed class WalCorruptException(string segment, long offset, string reason)
    : Exception(Describe(segment, offset, reason, "<volume>"))
{
    /// <summary>The damaged segment.</summary>
    public string Segment { get; } = segment;

    /// <summary>Offset in the segment.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong.</summary>
    public string Reason { get; } = reason;

    /// <summary>The message with commands that can be run, for a caller that knows the volume's path.</summary>
    public string DescribeOn(string volume) => Describe(Segment, Offset, Reason, volume);

    private static string Describe(string segment, long offset, string reason, string volume) =>
        $"WAL segment '{segment}' is corrupt at byte {offset}: {reason} Nothing was changed. "
        + $"'aether wal verify {volume}' shows up to which commit the log is sound. 'aether wal repair {volume}' shows "
        + "what it would keep and which commits would be missing; with --yes it moves the rest into the volume's "
        + "folder 'quarantine'. Then the agent starts again and recovers from the journal the commits that it holds.";
}
