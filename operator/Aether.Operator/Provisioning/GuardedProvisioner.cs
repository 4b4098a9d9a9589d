namespace Aether.Operator.Provisioning;

/// <summary>
/// A provisioner that neither waits for a store that is known to be unreachable, nor logs in with credentials that the
/// store is known to refuse.
/// </summary>
internal sealed class GuardedProvisioner(IStoreProvisioner inner, StoreCircuits circuits) : IStoreProvisioner
{
    public StoreName Store => inner.Store;

    public StorePlace PlaceOf(BackendAccess backend) => inner.PlaceOf(backend);

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        UseAsync(backend, () => DoneAsync(inner.CheckAsync(backend, cancellationToken)), cancellationToken);

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend, () => inner.InspectAsync(request, cancellationToken), cancellationToken);

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend, () => DoneAsync(inner.EnsureAsync(request, cancellationToken)), cancellationToken);

    public Task<LiveWriter?> FindWriterAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend, () => inner.FindWriterAsync(request, cancellationToken), cancellationToken);

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend, () => DoneAsync(inner.DeleteAsync(request, cancellationToken)), cancellationToken);

    private Task<T> UseAsync<T>(BackendAccess backend, Func<Task<T>> use, CancellationToken cancellationToken) =>
        circuits.UseAsync(
            PlaceOf(backend), () => inner.CheckAsync(backend, cancellationToken), use, cancellationToken);

    private static async Task<bool> DoneAsync(Task work)
    {
        await work;
        return true;
    }
}
