using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>
/// Keeps one kind of store as worlds need it. All failures that come from a store, its credentials or its owner are
/// <see cref="ProvisioningException"/>s.
/// </summary>
internal interface IStoreProvisioner
{
    /// <summary>Which kind of store.</summary>
    StoreName Store { get; }

    /// <summary>
    /// What decides whether the store can be used: equal for all worlds that can only reach it, or fail to, together.
    /// It includes a fingerprint of all credentials, so that changed ones are tried at once.
    /// </summary>
    StorePlace PlaceOf(BackendAccess backend);

    /// <summary>Checks that the store answers the backend's credentials; reads only.</summary>
    Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken);

    /// <summary>Compares what the store holds for a world with what it should hold; reads only.</summary>
    Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken);

    /// <summary>Puts right what <see cref="InspectAsync"/> finds, and nothing else.</summary>
    Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Who holds the lease of a world whose stores are the owner's; null where nobody does, or the store knows nothing
    /// of leases.
    /// </summary>
    Task<LiveWriter?> FindWriterAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<LiveWriter?>(null);

    /// <summary>Drops what the store holds for a world and is marked as its own; the rest stays.</summary>
    Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken);
}
