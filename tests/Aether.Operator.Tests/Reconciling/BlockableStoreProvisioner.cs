using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>
/// A provisioner whose store is unreachable for backends on <see cref="AwayHost"/> and reachable for all others. A call
/// to the unreachable one fails at once, or blocks for as long as the test wants.
/// </summary>
internal sealed class BlockableStoreProvisioner : IStoreProvisioner
{
    public const string AwayHost = "away.test";
    public const string Message = "PostgreSQL at away.test cannot be reached.";

    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _held;
    private int _callers;
    private int _most;

    public StoreName Store => StoreName.Postgres;

    /// <summary>Completes when somebody waits.</summary>
    public Task Waiting => _waiting.Task;

    /// <summary>Most who waited at once.</summary>
    public int MostWaiting => Volatile.Read(ref _most);

    /// <summary>From now on whoever tries to reach it waits.</summary>
    public void Hold() => _held = true;

    /// <summary>It is there for everybody.</summary>
    public void Release() => _released.TrySetResult();

    public StorePlace PlaceOf(BackendAccess backend) => new(Store, backend.Postgres.Host, "");

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        ReachAsync(backend, cancellationToken);

    public async Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken)
    {
        await ReachAsync(request.Backend, cancellationToken);
        return new StoreInspection([]) { Message = "There." };
    }

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        ReachAsync(request.Backend, cancellationToken);

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        ReachAsync(request.Backend, cancellationToken);

    private async Task ReachAsync(BackendAccess backend, CancellationToken cancellationToken)
    {
        if (backend.Postgres.Host != AwayHost)
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
