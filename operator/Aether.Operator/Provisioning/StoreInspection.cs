using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>What a look at a store found.</summary>
/// <param name="Drifts">What has to be put right; empty if nothing.</param>
internal sealed record StoreInspection(IReadOnlyList<Drift> Drifts)
{
    /// <summary>Reason of the store's condition once all is right.</summary>
    public string Reason { get; init; } = StoreReasons.Provisioned;

    /// <summary>Message of the store's condition once all is right.</summary>
    public required string Message { get; init; }

    /// <summary>
    /// Tails that were found overtaken after <see cref="ProvisioningRequest.DivergencesKnown"/>, oldest first.
    /// </summary>
    public IReadOnlyList<WorldDivergenceStatus> Divergences { get; init; } = [];
}
