using Aether.Persistence.State;

namespace Aether.Persistence.Wal;

/// <summary>
/// The commits of one flush: the unit of checksum, of fsync and of replication. <see cref="Encoded"/> holds the exact
/// bytes in the segment, and the journal stores them unchanged. The other members repeat its header, so that a store
/// can index the block.
/// </summary>
public sealed record LogBlock
{
    /// <summary>Sequence of the first commit.</summary>
    public required Sequence First { get; init; }

    /// <summary>Sequence of the last commit; blocks are dense, so it also gives the count.</summary>
    public required Sequence Last { get; init; }

    /// <summary>Epoch of the writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>When the block was closed, by the writer's clock; for people and for recovery to a time.</summary>
    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>Digest of the state after <see cref="Last"/>.</summary>
    public required StateDigest Digest { get; init; }

    /// <summary>Header and entries as in the log, with their checksums (docs/formats/wal.md).</summary>
    public required ReadOnlyMemory<byte> Encoded { get; init; }
}
