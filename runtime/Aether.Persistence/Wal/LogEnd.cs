namespace Aether.Persistence.Wal;

/// <summary>Where a run of blocks ends, and so what the next one must look like.</summary>
/// <param name="Last">The last commit.</param>
/// <param name="Epoch">Epoch of its block.</param>
/// <param name="Checksum">Checksum of its block; null if that block was not seen.</param>
internal readonly record struct LogEnd(Sequence Last, Epoch Epoch, uint? Checksum)
{
    /// <summary>What a block that begins a chain holds instead of a checksum.</summary>
    public const uint NoChecksum = 0;

    /// <summary>The end after a block.</summary>
    public static LogEnd After(BlockHeader header, uint checksum) => new(header.Last, header.Epoch, checksum);

    /// <summary>Whether a segment that begins with <paramref name="next"/> can follow.</summary>
    public bool CanPrecede(SegmentHeader next) =>
        next.First == Last.Next && (next.Previous == Checksum || BeginsChain(next.Previous, next.Epoch));

    /// <summary>Why <paramref name="next"/> cannot follow; null if it can.</summary>
    public string? WhyNot(BlockHeader next)
    {
        if (next.First != Last.Next)
            return $"commit {Last.Next} was expected, the block begins with {next.First}.";
        if (next.Epoch < Epoch)
            return $"its epoch {next.Epoch} is lower than epoch {Epoch} before it.";
        return Checksum is { } checksum && next.Previous != checksum && !BeginsChain(next.Previous, next.Epoch)
            ? $"it follows a block with checksum {next.Previous:x8}, the one before it has {checksum:x8}."
            : null;
    }

    // A writer that came up from a snapshot alone has not seen the block before, and begins a chain of its own.
    private bool BeginsChain(uint previous, Epoch epoch) => previous == NoChecksum && epoch > Epoch;
}
