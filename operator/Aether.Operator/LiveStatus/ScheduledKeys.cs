using Aether.ControllerRuntime;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// Keys with due times. Each key is due once, at the earliest requested time. Any thread may add; one thread takes.
/// </summary>
internal sealed class ScheduledKeys(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, DateTimeOffset> _due = []; // guarded by _lock
    private readonly PriorityQueue<ObjectKey, DateTimeOffset> _order = new(); // by _lock; may hold outdated times
    private TaskCompletionSource _earlier = NewSignal(); // guarded by _lock

    /// <summary>Makes the key due now.</summary>
    public void Add(ObjectKey key) => AddAt(key, clock.GetUtcNow());

    /// <summary>Makes the key due at <paramref name="time"/>, unless it is due earlier.</summary>
    public void AddAt(ObjectKey key, DateTimeOffset time)
    {
        lock (_lock)
        {
            if (_due.TryGetValue(key, out var present) && present <= time)
                return;

            _due[key] = time;
            _order.Enqueue(key, time);
            _earlier.TrySetResult();
        }
    }

    /// <summary>Waits for a due key and removes it.</summary>
    public async Task<ObjectKey> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task earlier;
            TimeSpan wait;
            lock (_lock)
            {
                if (TryTake(out var key, out wait))
                    return key;
                if (_earlier.Task.IsCompleted)
                    _earlier = NewSignal();
                earlier = _earlier.Task;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(earlier, Task.Delay(wait, clock, either.Token));
            await either.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private bool TryTake(out ObjectKey key, out TimeSpan wait)
    {
        wait = Timeout.InfiniteTimeSpan;
        while (_order.TryPeek(out key!, out var time))
        {
            if (!_due.TryGetValue(key, out var present) || present != time)
            {
                _order.Dequeue();
                continue;
            }

            wait = time - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
                return false;

            _order.Dequeue();
            return _due.Remove(key);
        }

        return false;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
