using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using k8s;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>A store that counts what it is told to drop, since a real one shows only that it was too late.</summary>
internal sealed class DropCount : IStoreProvisioner, IEventRecorder
{
    public int Drops { get; private set; }

    public StoreName Store => StoreName.Postgres;

    public StorePlace PlaceOf(BackendAccess backend) => new(Store, backend.Postgres.Address, "");

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Only deletion is asked for.");

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Only deletion is asked for.");

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken)
    {
        Drops++;
        return Task.CompletedTask;
    }

    public void Normal(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note)
    {
    }

    public void Warning(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note)
    {
    }
}
