using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Runtime;

/// <summary>The stores that a <see cref="PersistenceRuntime"/> depends on.</summary>
public sealed record PersistencePorts
{
    /// <summary>
    /// The volume of the write-ahead log: <see cref="LocalFileSystem"/>. Null only for a world without a WAL.
    /// </summary>
    public required IFileSystem? Volume { get; init; }

    /// <summary>The right to write to the world.</summary>
    public required IWorldLease Lease { get; init; }

    /// <summary>
    /// The replicated log; null for a local world or a world without a WAL, which then has no durability Replicated.
    /// </summary>
    public required IJournal? Journal { get; init; }

    /// <summary>Keeps the snapshots.</summary>
    public required ISnapshotStore Snapshots { get; init; }

    /// <summary>Records diverged tails; null: only the agent's log and its metric show them.</summary>
    public IDivergenceLog? Divergences { get; init; }

    /// <summary>The stores from which a world is recovered.</summary>
    internal RecoverySources RecoverySources => new()
    {
        HasVolume = Volume is not null,
        Journal = Journal,
        Snapshots = Snapshots,
        Divergences = Divergences,
    };
}
