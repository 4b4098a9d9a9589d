using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using k8s;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>A store that counts drops: a real store would show only afterwards that something was dropped.</summary>
internal sealed class DropCounter : IStoreProvisioner, IEventRecorder
{
    public int Drops { get; private set; }

    public StoreName Store => StoreName.Postgres;

    public StorePlace PlaceOf(BackendAccess backend) => new(Store, backend.Postgres.Address, "");

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The test only deletes.");

    public Task<IReadOnlyDictionary<string, string>> SurveyAsync(
        BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The test only deletes.");

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The test only deletes.");

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
