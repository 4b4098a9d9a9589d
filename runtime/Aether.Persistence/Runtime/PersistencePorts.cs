using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Runtime;

/// <summary>The stores that a <see cref="PersistenceRuntime"/> depends on.</summary>
public sealed record PersistencePorts
{
    /// <summary>The volume of the write-ahead log: <see cref="LocalFileSystem"/>. Null only without a WAL.</summary>
    public required IFileSystem? Volume { get; init; }

    /// <summary>The right to write.</summary>
    public required IWorldLease Lease { get; init; }

    /// <summary>
    /// The replicated log. Null: none (a local world, or one without a WAL), so nothing is Replicated.
    /// </summary>
    public required IJournal? Journal { get; init; }

    /// <summary>Where snapshots go.</summary>
    public required ISnapshotStore Snapshots { get; init; }

    /// <summary>
    /// Where tails that another writer overtook are recorded. Null: the agent's log and its metric alone tell.
    /// </summary>
    public IDivergenceLog? Divergences { get; init; }

    /// <summary>Those of them that a world is recovered from.</summary>
    internal RecoverySources RecoverySources => new()
    {
        HasVolume = Volume is not null,
        Journal = Journal,
        Snapshots = Snapshots,
        Divergences = Divergences,
    };
}
