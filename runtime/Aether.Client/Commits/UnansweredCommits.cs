namespace Aether.Client;

/// <summary>The commits that were sent to the agent and have no answer yet, in the order of the calls.</summary>
internal sealed class UnansweredCommits(int limit) : IDisposable
{
    // Guards the fields below: the sending task adds commits while the receiving task removes them.
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, PendingCommit> _byRequest = [];
    private readonly SemaphoreSlim _room = new(limit);
    private ulong _lastRequest;

    /// <summary>Waits until one more commit may be added.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken) => _room.WaitAsync(cancellationToken);

    /// <summary>Whether one more commit may be added at once; if so, the caller must add it.</summary>
    public bool TryTakeRoom() => _room.Wait(0);

    /// <summary>Adds a commit, after <see cref="WaitForRoomAsync"/> or <see cref="TryTakeRoom"/>.</summary>
    public void Add(PendingCommit pending)
    {
        lock (_lock)
        {
            pending.RequestId = ++_lastRequest;
            _byRequest.Add(pending.RequestId, pending);
        }
    }

    public PendingCommit? Take(ulong request)
    {
        lock (_lock)
        {
            if (!_byRequest.Remove(request, out var pending))
                return null;
            _room.Release();
            return pending;
        }
    }

    public IReadOnlyList<PendingCommit> InOrder()
    {
        lock (_lock)
            return [.. _byRequest.Values.OrderBy(pending => pending.RequestId)];
    }

    public void FailUnrepeatable(Exception reason) => Fail(pending => !pending.IsRepeatable, reason);

    public void FailAll(Exception reason) => Fail(_ => true, reason);

    public void Dispose() => _room.Dispose();

    private void Fail(Func<PendingCommit, bool> which, Exception reason)
    {
        foreach (var pending in InOrder().Where(which))
            Take(pending.RequestId)?.Fail(reason);
    }
}
