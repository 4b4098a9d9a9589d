using Aether.Persistence.Journal;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>A world as its new writer takes it over.</summary>
internal sealed record RecoveredWorld
{
    public required WorldState World { get; init; }

    /// <summary>The end of the last block that was replayed.</summary>
    public required LogEnd End { get; init; }

    /// <summary>The commits that only the volume holds.</summary>
    public required ShippingBacklog Backlog { get; init; }

    /// <summary>The newest usable snapshot; null if there is none.</summary>
    public required SnapshotManifest? Snapshot { get; init; }

    /// <summary>Bytes of the snapshot; 0 if there is none.</summary>
    public required long SnapshotBytes { get; init; }

    /// <summary>Newer snapshots that could not be used.</summary>
    public required IReadOnlyList<SnapshotManifest> DamagedSnapshots { get; init; }

    public required RecoveryReport Report { get; init; }

    /// <summary>The last commit whose writer is known, from its block or, without a block, from a snapshot.</summary>
    public (Sequence Last, Epoch Epoch) Found =>
        End.Epoch == Epoch.None && Snapshot is { } snapshot
            ? (snapshot.Sequence, snapshot.Epoch)
            : (End.Last, End.Epoch);
}
