namespace Aether.Persistence.Inspection;

/// <summary>One commit as a log holds it.</summary>
public sealed record LoggedCommit
{
    /// <summary>Its position.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>When it was made, by the writer's clock.</summary>
    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>Its writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>Its idempotency key, if it has one.</summary>
    public required string? IdempotencyKey { get; init; }

    /// <summary>What it does, in order.</summary>
    public required IReadOnlyList<LoggedChange> Changes { get; init; }
}
