using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>The result of inspecting a store.</summary>
/// <param name="Drifts">The differences to repair; empty if there are none.</param>
internal sealed record StoreInspection(IReadOnlyList<Drift> Drifts)
{
    /// <summary>What somebody or something changed: all <see cref="Drifts"/> but upkeep.</summary>
    public IReadOnlyList<Drift> Changes { get; } = [.. Drifts.Where(drift => !drift.IsUpkeep)];

    /// <summary>Reason of the store's condition once all is right.</summary>
    public StoreReason Reason { get; init; } = StoreReason.Provisioned;

    /// <summary>
    /// Identities that the world's data carries, where the store is the one that says so and holds the world already;
    /// else null. The first is the one that new data gets.
    /// </summary>
    public IReadOnlyList<string>? Identities { get; init; }

    /// <summary>Message of the store's condition once all is right.</summary>
    public required string Message { get; init; }

    /// <summary>
    /// Tails that were found overtaken after <see cref="ProvisioningRequest.DivergencesKnown"/>, oldest first.
    /// </summary>
    public IReadOnlyList<WorldDivergenceStatus> Divergences { get; init; } = [];
}
