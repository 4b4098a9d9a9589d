using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>
/// Provisions worlds in one kind of store. Every failure caused by a store, its credentials or its owner is a <see
/// cref="ProvisioningException"/>.
/// </summary>
internal interface IStoreProvisioner
{
    /// <summary>The kind of store.</summary>
    StoreName Store { get; }

    /// <summary>
    /// Identifies the store for <see cref="StoreCircuits"/>: equal for all worlds for which the store can only be
    /// reachable or unreachable together. It includes a fingerprint of all credentials, so that changed ones are tried
    /// at once.
    /// </summary>
    StorePlace PlaceOf(BackendAccess backend);

    /// <summary>Checks that the store accepts the backend's credentials; reads only.</summary>
    Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken);

    /// <summary>Compares what the store holds for a world with what it should hold; reads only.</summary>
    Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the facts about all worlds of a backend at once; reads only. The result has a fingerprint for each world
    /// that the store knows, by <see cref="Persistence.Contracts.WorldNames.Id"/>. While it is unchanged, everything
    /// that <see cref="InspectAsync"/> compares is unchanged.
    /// </summary>
    /// <exception cref="ProvisioningException">
    /// Not all of these facts can be read at once. Each world must then be inspected alone.
    /// </exception>
    Task<IReadOnlyDictionary<string, string>> SurveyAsync(
        BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken);

    /// <summary>Repairs the differences that <see cref="InspectAsync"/> finds, and nothing else.</summary>
    Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// The holder of the lease of a world whose stores carry the owner's mark; null if there is none, or the store
    /// keeps no leases.
    /// </summary>
    Task<LiveWriter?> FindWriterAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<LiveWriter?>(null);

    /// <summary>Drops a world's objects that carry its owner's mark; keeps all others.</summary>
    Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken);
}
