using Aether.Persistence.Contracts;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;

namespace Aether.Persistence.Runtime;

/// <summary>What a runtime knows of its world and of itself, at one moment.</summary>
public sealed record RuntimeStatus
{
    /// <summary>What it is doing.</summary>
    public required RuntimePhase Phase { get; init; }

    /// <summary>
    /// Why it is doing that, for people: whom it waits for, why it failed, what it lost when it stopped. May be empty.
    /// </summary>
    public required string Detail { get; init; }

    /// <summary>Who it is.</summary>
    public required string Holder { get; init; }

    /// <summary>Its epoch, or <see cref="Epoch.None"/> before it has the lease.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>The last commit applied; it grows while the state comes back.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>The last commit synced to the volume.</summary>
    public required Sequence Durable { get; init; }

    /// <summary>The last commit in the journal.</summary>
    public required Sequence Replicated { get; init; }

    /// <summary>Keys in the state.</summary>
    public required long Keys { get; init; }

    /// <summary>Bytes of all keys and values.</summary>
    public required long StateBytes { get; init; }

    /// <summary>Bytes of memory that the state takes, or somewhat more; 0 before it is served.</summary>
    public long StateMemoryBytes { get; init; }

    /// <summary>Digest of the state.</summary>
    public required StateDigest Digest { get; init; }

    /// <summary>How the state came back; null before it has.</summary>
    public required RecoveryReport? Recovery { get; init; }

    /// <summary>What is not in the journal yet; null for a world without one.</summary>
    public required RecoveryPoint? RecoveryPoint { get; init; }

    /// <summary>
    /// For how long the journal, or the store of the lease, has not answered; zero while both do, and before the world
    /// is served.
    /// </summary>
    public required TimeSpan JournalOutage { get; init; }

    /// <summary>The newest snapshot stored; null if there is none.</summary>
    public required SnapshotManifest? LastSnapshot { get; init; }

    /// <summary>Bytes of <see cref="LastSnapshot"/>, as it was handed to its store; null if there is none.</summary>
    public required long? LastSnapshotBytes { get; init; }

    /// <summary>
    /// For how long at most there have been commits that no snapshot holds; null before the world is served.
    /// </summary>
    public required TimeSpan? SnapshotLag { get; init; }

    /// <summary>How much of the state is back, from 0 to 1.</summary>
    public required double RecoveryProgress { get; init; }

    /// <summary>What the log takes of its volume; null for a world without one, and before it is served.</summary>
    public required LogUsage? Log { get; init; }

    /// <summary>How often agents of this volume were fenced; null for a world without a log.</summary>
    public required long? Fencings { get; init; }

    /// <summary>"wal", "lease", "journal" and "snapshots", each if the world has it.</summary>
    public required IReadOnlyList<BackendStatus> Backends { get; init; }
}
