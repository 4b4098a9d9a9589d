using System.Threading.Channels;

namespace Aether.ControllerRuntime;

/// <summary>The keys that wait for a pass: each once, none while a pass over it is running.</summary>
/// <remarks>
/// The semantics of client-go's workqueue: a key added while it is being processed is remembered and handed out
/// again when <see cref="Done"/> is called. Unlike there, handing a key out cancels its delayed add: the pass that
/// starts now says itself when the next one is due.
/// </remarks>
internal sealed class WorkQueue(
    string controller, Backoff backoff, ControllerRuntimeMetrics metrics, TimeProvider clock) : IDisposable
{
    private readonly Channel<ObjectKey> _ready = Channel.CreateUnbounded<ObjectKey>();
    private readonly Lock _lock = new();
    private readonly HashSet<ObjectKey> _dirty = []; // guarded by _lock: waiting for a pass
    private readonly HashSet<ObjectKey> _processing = []; // guarded by _lock: handed out
    private readonly Dictionary<ObjectKey, int> _failures = []; // guarded by _lock
    private readonly Dictionary<ObjectKey, DelayedAdd> _delayed = []; // guarded by _lock
    private bool _disposed; // guarded by _lock

    /// <summary>Asks for a pass as soon as a worker is free.</summary>
    public void Add(ObjectKey key)
    {
        lock (_lock)
            AddLocked(key);
    }

    /// <summary>Asks for a pass after a delay, unless one is asked for earlier.</summary>
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

    /// <summary>Asks for a pass after the key's backoff, which grows with each call.</summary>
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

    /// <summary>Waits for a key; whoever gets it calls <see cref="Done"/> when the pass is over.</summary>
    public async ValueTask<ObjectKey> TakeAsync(CancellationToken cancellationToken)
    {
        var key = await _ready.Reader.ReadAsync(cancellationToken);
        lock (_lock)
        {
            _dirty.Remove(key);
            _processing.Add(key);
            if (_delayed.Remove(key, out var delayed))
                delayed.Timer.Dispose();
            metrics.SetQueueDepth(controller, _dirty.Count);
        }

        return key;
    }

    /// <summary>Ends the pass over a key that <see cref="TakeAsync"/> gave.</summary>
    public void Done(ObjectKey key)
    {
        lock (_lock)
        {
            _processing.Remove(key);
            if (_dirty.Contains(key))
                _ready.Writer.TryWrite(key);
        }
    }

    /// <summary>Cancels all delayed adds; nothing is taken in any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var delayed in _delayed.Values)
                delayed.Timer.Dispose();
            _delayed.Clear();
            _ready.Writer.TryComplete();
        }
    }

    private void AddLocked(ObjectKey key)
    {
        if (_disposed || !_dirty.Add(key))
            return;

        if (!_processing.Contains(key))
            _ready.Writer.TryWrite(key);
        metrics.SetQueueDepth(controller, _dirty.Count);
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
