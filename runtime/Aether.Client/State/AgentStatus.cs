namespace Aether.Client;

/// <summary>The status of the agent and of its world.</summary>
public sealed record AgentStatus
{
    /// <summary>Identity of the world.</summary>
    public required string World { get; init; }

    /// <summary>The agent's name in the lease: its pod.</summary>
    public required string Holder { get; init; }

    /// <summary>What the agent is doing.</summary>
    public required ServingPhase Phase { get; init; }

    /// <summary>Why the agent is in this phase, in words.</summary>
    public required string Detail { get; init; }

    /// <summary>Epoch of the agent.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>The last commit applied.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>The last commit synced to the WAL volume.</summary>
    public required ulong DurableSequence { get; init; }

    /// <summary>The last commit in the journal.</summary>
    public required ulong ReplicatedSequence { get; init; }

    /// <summary>Number of keys in the state.</summary>
    public required ulong Keys { get; init; }

    /// <summary>Bytes of keys and values.</summary>
    public required ulong StateBytes { get; init; }

    /// <summary>Digest of the state, in hexadecimal digits.</summary>
    public required string StateDigest { get; init; }

    /// <summary>Commits that are acknowledged but not in the journal yet.</summary>
    public required ulong RpoCommits { get; init; }

    /// <summary>Bytes of these commits.</summary>
    public required ulong RpoBytes { get; init; }

    /// <summary>Age of the oldest of these commits.</summary>
    public required TimeSpan Rpo { get; init; }

    /// <summary>The last commit in the newest snapshot; 0 if there is no snapshot.</summary>
    public required ulong LastSnapshotSequence { get; init; }

    /// <summary>When the newest snapshot was taken; null if there is none.</summary>
    public required DateTimeOffset? LastSnapshotAt { get; init; }

    /// <summary>How the state was recovered; null before it is.</summary>
    public required AgentRecovery? Recovery { get; init; }

    /// <summary>
    /// The stores and the log that the world depends on, such as <c>wal</c>, <c>lease</c>, <c>journal</c> and
    /// <c>snapshots</c>.
    /// </summary>
    public required IReadOnlyList<AgentBackend> Backends { get; init; }
}
