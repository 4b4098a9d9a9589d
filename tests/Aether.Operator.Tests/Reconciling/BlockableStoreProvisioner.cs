using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>
/// A provisioner whose store is unreachable for backends on <see cref="UnreachableHost"/> and reachable for all others.
/// A call to the unreachable store fails at once, or blocks until the test releases it.
/// </summary>
internal sealed class BlockableStoreProvisioner : IStoreProvisioner
{
    public const string UnreachableHost = "unreachable.test";
    public const string Message = "PostgreSQL at unreachable.test cannot be reached.";

    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _held;
    private int _callers;
    private int _most;

    public StoreName Store => StoreName.Postgres;

    /// <summary>Completes when a caller is blocked.</summary>
    public Task Waiting => _waiting.Task;

    /// <summary>The largest number of callers blocked at the same time.</summary>
    public int MostWaiting => Volatile.Read(ref _most);

    /// <summary>Blocks all further callers of the unreachable store.</summary>
    public void Hold() => _held = true;

    /// <summary>Releases all callers and makes the store reachable.</summary>
    public void Release() => _released.TrySetResult();

    public StorePlace PlaceOf(BackendAccess backend) => new(Store, backend.Postgres.Host, "");

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        ReachAsync(backend, cancellationToken);

    public async Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken)
    {
        await ReachAsync(request.Backend, cancellationToken);
        return new StoreInspection([]) { Message = "There." };
    }

    public async Task<IReadOnlyDictionary<string, string>> SurveyAsync(
        BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken)
    {
        await ReachAsync(backend, cancellationToken);
        return worlds.ToDictionary(world => world.Names.Id, _ => "there");
    }

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        ReachAsync(request.Backend, cancellationToken);

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        ReachAsync(request.Backend, cancellationToken);

    private async Task ReachAsync(BackendAccess backend, CancellationToken cancellationToken)
    {
        if (backend.Postgres.Host != UnreachableHost)
            return;
        if (!_held)
            throw new ProvisioningException(StoreReason.Unreachable, Message);

        var callers = Interlocked.Increment(ref _callers);
        for (var most = _most; callers > most; most = _most)
            Interlocked.CompareExchange(ref _most, callers, most);
        _waiting.TrySetResult();
        await _released.Task.WaitAsync(cancellationToken);
        Interlocked.Decrement(ref _callers);
    }
}
