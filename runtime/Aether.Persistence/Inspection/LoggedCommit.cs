namespace Aether.Persistence.Inspection;

/// <summary>A commit as the log holds it.</summary>
public sealed record LoggedCommit
{
    /// <summary>Its position.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>When it was committed, by the writer's clock.</summary>
    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>Epoch of its writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>Its idempotency key, if it has one.</summary>
    public required string? IdempotencyKey { get; init; }

    /// <summary>Its changes, in order.</summary>
    public required IReadOnlyList<LoggedChange> Changes { get; init; }
}
