using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Provisioning.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>A cluster whose stores fail once, when told, while a world begins anew in them.</summary>
public sealed class FailingOnceCluster(Servers servers) : Cluster(servers)
{
    private StoreName? _failing;

    /// <summary>From now on the next world that begins anew fails once in <paramref name="store"/>.</summary>
    internal void FailOnce(StoreName store) => _failing = store;

    /// <summary>Whether it did.</summary>
    public bool HasFailed => _failing is null;

    protected override void Configure(IServiceCollection services)
    {
        services.RemoveAll<IStoreProvisioner>();
        Add<PostgresProvisioner>(services);
        Add<RedisProvisioner>(services);
        Add<NatsProvisioner>(services);
    }

    private void Add<TProvisioner>(IServiceCollection services)
        where TProvisioner : class, IStoreProvisioner =>
        services.AddSingleton<IStoreProvisioner>(provider => new FailingStore(
            ActivatorUtilities.CreateInstance<TProvisioner>(provider), this));

    private void Use(StoreName store)
    {
        if (_failing != store)
            return;
        _failing = null;
        throw new ProvisioningException(StoreReason.Refused, $"{store.Display} fails once.");
    }

    private sealed class FailingStore(IStoreProvisioner inner, FailingOnceCluster cluster) : IStoreProvisioner
    {
        public StoreName Store => inner.Store;

        public StorePlace PlaceOf(BackendAccess backend) => inner.PlaceOf(backend);

        public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
            inner.CheckAsync(backend, cancellationToken);

        public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
            inner.InspectAsync(request, cancellationToken);

        public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken)
        {
            if (request.LossAccepted)
                cluster.Use(Store);
            return inner.EnsureAsync(request, cancellationToken);
        }

        public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
            inner.DeleteAsync(request, cancellationToken);
    }
}
