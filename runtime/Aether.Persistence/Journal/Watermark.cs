namespace Aether.Persistence.Journal;

/// <summary>A position that only grows, and the callers that wait for it to reach theirs. Thread-safe.</summary>
internal sealed class Watermark(Sequence value)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ulong, TaskCompletionSource> _waiters = [];  // _gate
    private Sequence _value = value;  // _gate
    private Exception? _failure;  // _gate

    public Sequence Value
    {
        get
        {
            lock (_gate)
                return _value;
        }
    }

    public void Advance(Sequence value)
    {
        lock (_gate)
        {
            if (value > _value)
                _value = value;
            while (_waiters.Count > 0 && _waiters.First() is var (position, waiter) && position <= _value.Value)
            {
                _waiters.Remove(position);
                waiter.TrySetResult();
            }
        }
    }

    /// <summary>Ends all present and future waits, because the position will not grow any more.</summary>
    public void Fail(Exception failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
            foreach (var waiter in _waiters.Values)
                waiter.TrySetException(_failure);
            _waiters.Clear();
        }
    }

    public Task WaitForAsync(Sequence position, CancellationToken cancellationToken)
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            if (_failure is not null)
                return Task.FromException(_failure);
            if (position <= _value)
                return Task.CompletedTask;
            if (!_waiters.TryGetValue(position.Value, out waiter))
            {
                waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiters.Add(position.Value, waiter);
            }
        }
        return waiter.Task.WaitAsync(cancellationToken);
    }
}
