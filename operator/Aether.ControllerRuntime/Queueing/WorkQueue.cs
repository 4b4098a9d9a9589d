using System.Threading.Channels;

namespace Aether.ControllerRuntime;

/// <summary>
/// The keys to reconcile. Each key is queued at most once and never handed out while it is being reconciled. Namespaces
/// take turns.
/// </summary>
/// <remarks>
/// The semantics of client-go's workqueue: a key added while it is being reconciled is queued again when <see
/// cref="Done"/> is called. Unlike client-go, handing a key out cancels its delayed add, because the reconcile that
/// starts now decides when the next one is due. Also unlike client-go, the queue is fair between namespaces.
/// </remarks>
internal sealed class WorkQueue(
    string controller, Backoff backoff, ControllerRuntimeMetrics metrics, TimeProvider clock) : IDisposable
{
    private readonly Channel<bool> _permits = Channel.CreateUnbounded<bool>(); // one for each key in _ready
    private readonly Lock _lock = new();
    private readonly FairQueue _ready = new(); // guarded by _lock
    private readonly HashSet<ObjectKey> _dirty = []; // guarded by _lock: waiting for a reconcile
    private readonly HashSet<ObjectKey> _processing = []; // guarded by _lock: being reconciled
    private readonly Dictionary<ObjectKey, int> _failures = []; // guarded by _lock
    private readonly Dictionary<ObjectKey, DelayedAdd> _delayed = []; // guarded by _lock
    private bool _disposed; // guarded by _lock

    /// <summary>Queues a key.</summary>
    public void Add(ObjectKey key)
    {
        lock (_lock)
            AddLocked(key);
    }

    /// <summary>Queues a key after a delay, unless it is already due earlier.</summary>
    public void AddAfter(ObjectKey key, TimeSpan delay)
    {
        lock (_lock)
        {
            if (delay <= TimeSpan.Zero)
                AddLocked(key);
            else
                DelayLocked(key, delay);
        }
    }

    /// <summary>Queues a key after its backoff, which grows with each call.</summary>
    public void AddFailed(ObjectKey key)
    {
        metrics.Retried(controller);
        lock (_lock)
        {
            var failures = _failures.GetValueOrDefault(key) + 1;
            _failures[key] = failures;
            DelayLocked(key, backoff.After(failures));
        }
    }

    /// <summary>Resets the backoff of a key.</summary>
    public void Forget(ObjectKey key)
    {
        lock (_lock)
            _failures.Remove(key);
    }

    /// <summary>Waits for a key. The caller must call <see cref="Done"/> when its reconcile has ended.</summary>
    public async ValueTask<ObjectKey> TakeAsync(CancellationToken cancellationToken)
    {
        await _permits.Reader.ReadAsync(cancellationToken);
        lock (_lock)
        {
            var key = _ready.Take();
            _dirty.Remove(key);
            _processing.Add(key);
            if (_delayed.Remove(key, out var delayed))
                delayed.Timer.Dispose();
            metrics.SetQueueDepth(controller, _dirty.Count);
            return key;
        }
    }

    /// <summary>Marks the reconcile of a key from <see cref="TakeAsync"/> as ended.</summary>
    public void Done(ObjectKey key)
    {
        lock (_lock)
        {
            _processing.Remove(key);
            if (_dirty.Contains(key))
                ReadyLocked(key);
        }
    }

    /// <summary>Cancels all delayed adds; later adds are ignored.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var delayed in _delayed.Values)
                delayed.Timer.Dispose();
            _delayed.Clear();
            _permits.Writer.TryComplete();
        }
    }

    private void AddLocked(ObjectKey key)
    {
        if (_disposed || !_dirty.Add(key))
            return;

        if (!_processing.Contains(key))
            ReadyLocked(key);
        metrics.SetQueueDepth(controller, _dirty.Count);
    }

    private void ReadyLocked(ObjectKey key)
    {
        if (_permits.Writer.TryWrite(true))
            _ready.Add(key);
    }

    private void DelayLocked(ObjectKey key, TimeSpan delay)
    {
        var due = clock.GetUtcNow() + delay;
        if (_disposed || (_delayed.TryGetValue(key, out var existing) && existing.Due <= due))
            return;

        existing?.Timer.Dispose();
        var entry = new DelayedAdd { Due = due };
        _delayed[key] = entry;
        entry.Timer = clock.CreateTimer(_ => Fire(key, entry), null, delay, Timeout.InfiniteTimeSpan);
    }

    private void Fire(ObjectKey key, DelayedAdd entry)
    {
        lock (_lock)
        {
            if (!_delayed.TryGetValue(key, out var current) || current != entry)
                return;

            _delayed.Remove(key);
            entry.Timer.Dispose();
            AddLocked(key);
        }
    }

    private sealed class DelayedAdd
    {
        public required DateTimeOffset Due { get; init; }

        public ITimer Timer { get; set; } = null!;
    }
}
