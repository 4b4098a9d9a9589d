using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>The result of inspecting a store.</summary>
/// <param name="Drifts">The differences to repair; empty if there are none.</param>
internal sealed record StoreInspection(IReadOnlyList<Drift> Drifts)
{
    /// <summary>The drifts that were caused from outside: all <see cref="Drifts"/> except upkeep.</summary>
    public IReadOnlyList<Drift> Changes { get; } = [.. Drifts.Where(drift => !drift.IsUpkeep)];

    /// <summary>Reason of the store's condition once the drifts are repaired.</summary>
    public StoreReason Reason { get; init; } = StoreReason.Provisioned;

    /// <summary>
    /// Identities that the world's data carries, if this store keeps them and already holds the world; otherwise null.
    /// New data gets the first.
    /// </summary>
    public IReadOnlyList<string>? Identities { get; init; }

    /// <summary>Message of the store's condition once the drifts are repaired.</summary>
    public required string Message { get; init; }

    /// <summary>
    /// Diverged tails with numbers above <see cref="ProvisioningRequest.DivergencesKnown"/>, oldest first.
    /// </summary>
    public IReadOnlyList<WorldDivergenceStatus> Divergences { get; init; } = [];
}
