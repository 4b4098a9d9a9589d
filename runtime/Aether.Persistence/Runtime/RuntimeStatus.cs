using Aether.Persistence.Contracts;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;

namespace Aether.Persistence.Runtime;

/// <summary>The status of a runtime and of its world at one moment.</summary>
public sealed record RuntimeStatus
{
    /// <summary>What the runtime is doing.</summary>
    public required RuntimePhase Phase { get; init; }

    /// <summary>
    /// The reason in words: whom the runtime waits for, why it failed, what it lost when it stopped. May be empty.
    /// </summary>
    public required string Detail { get; init; }

    /// <summary>Holder: the name of this writer.</summary>
    public required string Holder { get; init; }

    /// <summary>Epoch of the runtime, or <see cref="Epoch.None"/> before it has the lease.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>The last applied commit; it grows during a recovery.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>The last synced commit.</summary>
    public required Sequence Durable { get; init; }

    /// <summary>The last commit in the journal.</summary>
    public required Sequence Replicated { get; init; }

    /// <summary>Keys in the state.</summary>
    public required long Keys { get; init; }

    /// <summary>Bytes of all keys and values.</summary>
    public required long StateBytes { get; init; }

    /// <summary>Bytes of memory that the state takes, rounded up; 0 before the world is served.</summary>
    public long StateMemoryBytes { get; init; }

    /// <summary>Digest of the state.</summary>
    public required StateDigest Digest { get; init; }

    /// <summary>How the state was recovered; null before that.</summary>
    public required RecoveryReport? Recovery { get; init; }

    /// <summary>The commits that are not in the journal yet; null for a world without a journal.</summary>
    public required RecoveryPoint? RecoveryPoint { get; init; }

    /// <summary>
    /// For how long the journal, or the store of the lease, has not answered; zero while both answer, and before the
    /// world is served.
    /// </summary>
    public required TimeSpan JournalOutage { get; init; }

    /// <summary>The newest snapshot stored; null if there is none.</summary>
    public required SnapshotManifest? LastSnapshot { get; init; }

    /// <summary>Bytes of <see cref="LastSnapshot"/> as handed to its store; null if there is none.</summary>
    public required long? LastSnapshotBytes { get; init; }

    /// <summary>
    /// An upper bound of the time since which commits exist that no snapshot holds; null before the world is served.
    /// </summary>
    public required TimeSpan? SnapshotLag { get; init; }

    /// <summary>The recovered share of the state, from 0 to 1.</summary>
    public required double RecoveryProgress { get; init; }

    /// <summary>How much of its volume the log uses; null for a world without a log, and before it is served.</summary>
    public required LogUsage? Log { get; init; }

    /// <summary>How often agents of this volume were fenced; null for a world without a log.</summary>
    public required long? Fencings { get; init; }

    /// <summary>"wal", "lease", "journal" and "snapshots", as far as the world has them.</summary>
    public required IReadOnlyList<BackendStatus> Backends { get; init; }
}
