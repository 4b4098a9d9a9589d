namespace Aether.Persistence.Wal;

/// <summary>The last segment of a log after its repair.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="End">Where its blocks end; null if it holds none.</param>
/// <param name="TornBytes">Bytes of an incomplete write that were cut off.</param>
internal sealed record RepairedSegment(Segment Segment, LogEnd? End, long TornBytes);
