using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Provisioning.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>A cluster in which a store fails once, on request, while a world's lost stores are recreated.</summary>
public sealed class FailingOnceCluster(Servers servers) : Cluster(servers)
{
    private StoreName? _failing;

    /// <summary>Makes <paramref name="store"/> fail once at the next recreation of a world's lost stores.</summary>
    internal void FailOnce(StoreName store) => _failing = store;

    /// <summary>Whether the store has failed.</summary>
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

        public Task<IReadOnlyDictionary<string, string>> SurveyAsync(
            BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken) =>
            inner.SurveyAsync(backend, worlds, cancellationToken);

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
