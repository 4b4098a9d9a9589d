using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <summary>The provisioners of all stores. Their outcomes are returned, not reported.</summary>
internal sealed class WorldStores
{
    public WorldStores(IEnumerable<IStoreProvisioner> provisioners)
    {
        var all = provisioners.ToList();
        Postgres = all.Single(provisioner => provisioner.Store == StoreName.Postgres);
        Others = [.. all.Where(provisioner => provisioner.Store != StoreName.Postgres)];
        All = [Postgres, .. Others];
    }

    /// <summary>PostgreSQL. Its schema tells which world the data belongs to, so it is inspected first.</summary>
    public IStoreProvisioner Postgres { get; }

    /// <summary>All provisioners except PostgreSQL's.</summary>
    public IReadOnlyList<IStoreProvisioner> Others { get; }

    /// <summary>All provisioners, PostgreSQL's first.</summary>
    public IReadOnlyList<IStoreProvisioner> All { get; }

    /// <summary>Names of all stores, PostgreSQL first.</summary>
    public IEnumerable<StoreName> Names => All.Select(provisioner => provisioner.Store);

    /// <summary>Inspects a store and repairs its differences.</summary>
    /// <param name="provisioner">The store's provisioner.</param>
    /// <param name="request">The desired state.</param>
    /// <param name="inspected">This reconcile's inspection of the store; null to inspect it now.</param>
    /// <param name="confirmAsync">Called before the first repair; throws if the request is outdated.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public static Task<StoreOutcome> EnsureAsync(
        IStoreProvisioner provisioner,
        ProvisioningRequest request,
        StoreInspection? inspected,
        Func<CancellationToken, Task> confirmAsync,
        CancellationToken cancellationToken) =>
        OutcomeAsync(provisioner.Store, async () =>
        {
            var found = inspected ?? await provisioner.InspectAsync(request, cancellationToken);
            if (found.Drifts.Count == 0)
                return found;
            await confirmAsync(cancellationToken);
            await provisioner.EnsureAsync(request, cancellationToken);
            return found;
        });

    /// <summary>Inspects a store; writes nothing.</summary>
    public static Task<StoreOutcome> InspectAsync(
        IStoreProvisioner provisioner, ProvisioningRequest request, CancellationToken cancellationToken) =>
        OutcomeAsync(provisioner.Store, () => provisioner.InspectAsync(request, cancellationToken));

    private static async Task<StoreOutcome> OutcomeAsync(StoreName store, Func<Task<StoreInspection>> work)
    {
        try
        {
            return StoreOutcome.Success(store, await work());
        }
        catch (ProvisioningException failure)
        {
            return StoreOutcome.Failed(store, failure);
        }
    }
}
