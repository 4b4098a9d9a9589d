namespace Aether.Agent.Json;

/// <summary>The status of the world and of its agent.</summary>
internal sealed record JsonStatus
{
    public required string World { get; init; }

    public required string Holder { get; init; }

    public required string Phase { get; init; }

    public required string Detail { get; init; }

    public required ulong Epoch { get; init; }

    public required ulong Sequence { get; init; }

    public required ulong DurableSequence { get; init; }

    public required ulong ReplicatedSequence { get; init; }

    public required long Keys { get; init; }

    public required long StateBytes { get; init; }

    public required string StateDigest { get; init; }

    public required JsonRecovery? Recovery { get; init; }

    public required ulong RpoCommits { get; init; }

    public required long RpoBytes { get; init; }

    public required double RpoSeconds { get; init; }

    public required JsonSnapshot? LastSnapshot { get; init; }

    public required IReadOnlyList<BackendHealth> Backends { get; init; }
}
