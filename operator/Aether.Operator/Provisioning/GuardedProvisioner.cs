using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>
/// Wraps a provisioner: it fails at once while the store is known to be unreachable or to refuse the credentials,
/// inspects at a limited rate, and handles stores that the backend does not have.
/// </summary>
internal sealed class GuardedProvisioner(IStoreProvisioner inner, StoreCircuits circuits, StorePace pace)
    : IStoreProvisioner
{
    public StoreName Store => inner.Store;

    public StorePlace PlaceOf(BackendAccess backend) => inner.PlaceOf(backend);

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        backend.Has(Store)
            ? UseAsync(backend, () => DoneAsync(inner.CheckAsync(backend, cancellationToken)), cancellationToken)
            : Task.CompletedTask;

    public async Task<StoreInspection> InspectAsync(
        ProvisioningRequest request, CancellationToken cancellationToken) => request.Backend.Has(Store)
        ? await UseAsync(request.Backend, () => InspectInTurnAsync(request, cancellationToken), cancellationToken)
        : AbsentStore.Inspect(Store, request);

    public Task<IReadOnlyDictionary<string, string>> SurveyAsync(
        BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken) =>
        UseAsync(backend, () => inner.SurveyAsync(backend, worlds, cancellationToken), cancellationToken);

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend, () => DoneAsync(inner.EnsureAsync(request, cancellationToken)), cancellationToken);

    public Task<LiveWriter?> FindWriterAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        request.Backend.Has(Store)
            ? UseAsync(request.Backend, () => inner.FindWriterAsync(request, cancellationToken), cancellationToken)
            : Task.FromResult<LiveWriter?>(null);

    public async Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken)
    {
        if (request.Backend.Has(Store))
            await UseAsync(
                request.Backend, () => DoneAsync(inner.DeleteAsync(request, cancellationToken)), cancellationToken);
        else if (request.Held.Contains(Store))
            throw AbsentStore.NotDropped(Store);
    }

    private async Task<StoreInspection> InspectInTurnAsync(
        ProvisioningRequest request, CancellationToken cancellationToken)
    {
        await pace.WaitAsync(PlaceOf(request.Backend), cancellationToken);
        return await inner.InspectAsync(request, cancellationToken);
    }

    private Task<T> UseAsync<T>(BackendAccess backend, Func<Task<T>> use, CancellationToken cancellationToken) =>
        circuits.UseAsync(
            PlaceOf(backend), () => inner.CheckAsync(backend, cancellationToken), use, cancellationToken);

    private static async Task<bool> DoneAsync(Task work)
    {
        await work;
        return true;
    }
}
