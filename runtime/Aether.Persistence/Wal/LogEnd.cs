namespace Aether.Persistence.Wal;

/// <summary>Where a run of blocks ends, which determines what the next block must look like.</summary>
/// <param name="Last">The last commit.</param>
/// <param name="Epoch">Epoch of its block.</param>
/// <param name="Checksum">Checksum of its block; null if the block was not read.</param>
internal readonly record struct LogEnd(Sequence Last, Epoch Epoch, uint? Checksum)
{
    /// <summary>The number that the first block of a chain holds in place of a checksum.</summary>
    public const uint NoChecksum = 0;

    /// <summary>The end of a log after this block.</summary>
    public static LogEnd After(BlockHeader header, uint checksum) => new(header.Last, header.Epoch, checksum);

    /// <summary>Whether a segment with header <paramref name="next"/> can follow.</summary>
    public bool CanPrecede(SegmentHeader next) =>
        next.First == Last.Next && (next.Previous == Checksum || BeginsChain(next.Previous, next.Epoch));

    /// <summary>Why a block with header <paramref name="next"/> cannot follow; null if it can.</summary>
    public string? WhyNot(BlockHeader next)
    {
        if (next.First != Last.Next)
            return $"commit {Last.Next} was expected, but the block begins with {next.First}.";
        if (next.Epoch < Epoch)
            return $"its epoch {next.Epoch} is lower than epoch {Epoch} before it.";
        return Checksum is { } checksum && next.Previous != checksum && !BeginsChain(next.Previous, next.Epoch)
            ? $"it follows a block with checksum {next.Previous:x8}, but the block before it has {checksum:x8}."
            : null;
    }

    // A writer that recovered from a snapshot alone has not read the block before, and starts its own chain.
    private bool BeginsChain(uint previous, Epoch epoch) => previous == NoChecksum && epoch > Epoch;
}
