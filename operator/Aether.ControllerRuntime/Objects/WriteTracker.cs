namespace Aether.ControllerRuntime;

/// <summary>
/// Tracks whether the cache of a kind has caught up with this process's own writes, so that no reconcile acts on a
/// state older than the previous reconcile left behind.
/// </summary>
/// <remarks>
/// A resourceVersion is opaque: two versions cannot be ordered, so the tracker waits until the cache has seen the very
/// version that was written. The watch may deliver that version before the write's own answer arrives, so versions seen
/// during a write are remembered. A version that a relist skips never arrives; the wait then ends with a list that
/// began after the write, or after <see cref="Patience"/>.
/// </remarks>
internal sealed class WriteTracker(TimeProvider clock)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The version of an absent object, as after a write that removed the last finalizer.</summary>
    public const string Gone = "";

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, Entry> _entries = []; // guarded by _lock
    private long _writes; // guarded by _lock

    /// <summary>Returns the cached version of an object; null if it is not cached.</summary>
    public Func<ObjectKey, string?> CachedVersion { get; init; } = _ => null;

    public PendingWrite Begin(ObjectKey key)
    {
        // Read outside _lock: the cache calls Saw under a lock of its own, and the opposite order could deadlock.
        var cached = CachedVersion(key);
        lock (_lock)
        {
            DropExpired();
            if (!_entries.TryGetValue(key, out var entry))
                _entries[key] = entry = new Entry();
            entry.UnderWay++;
            entry.Seen.Add(cached ?? Gone);
        }

        return new PendingWrite(this, key);
    }

    internal void End(ObjectKey key, string? written)
    {
        lock (_lock)
        {
            var entry = _entries[key];
            entry.UnderWay--;
            if (written is not null)
            {
                entry.Awaited = entry.Seen.Contains(written) ? null : written;
                entry.Number = ++_writes;
                entry.Since = clock.GetTimestamp();
            }

            DropIfSettled(key, entry);
        }
    }

    /// <summary>Called when the cache has applied a version; null if the object is gone.</summary>
    public void Saw(ObjectKey key, string? resourceVersion)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
                return;

            if (resourceVersion is null || entry.Awaited == resourceVersion)
                entry.Awaited = null;
            if (entry.UnderWay > 0)
                entry.Seen.Add(resourceVersion ?? Gone);
            DropIfSettled(key, entry);
        }
    }

    /// <summary>Marks the start of a list, for <see cref="Relisted"/>.</summary>
    public long MarkList()
    {
        lock (_lock)
            return _writes;
    }

    /// <summary>
    /// Called when a list that began at <paramref name="mark"/> has been applied. It contains every write of the
    /// objects it <paramref name="covers"/> that ended before.
    /// </summary>
    public void Relisted(long mark, Func<ObjectKey, bool> covers)
    {
        lock (_lock)
        {
            foreach (var (key, entry) in _entries.Where(pair => pair.Value.Number <= mark && covers(pair.Key)).ToList())
            {
                entry.Awaited = null;
                DropIfSettled(key, entry);
            }
        }
    }

    /// <summary>How long to wait for the cache at most; zero if it has caught up.</summary>
    public TimeSpan Lag(ObjectKey key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry) || entry.Awaited is null)
                return TimeSpan.Zero;

            var left = Patience - clock.GetElapsedTime(entry.Since);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private void DropExpired()
    {
        foreach (var (key, entry) in _entries.ToList())
        {
            if (entry.Awaited is not null && clock.GetElapsedTime(entry.Since) >= Patience)
            {
                entry.Awaited = null;
                DropIfSettled(key, entry);
            }
        }
    }

    private void DropIfSettled(ObjectKey key, Entry entry)
    {
        if (entry.UnderWay == 0)
            entry.Seen.Clear();
        if (entry.UnderWay == 0 && entry.Awaited is null)
            _entries.Remove(key);
    }

    private sealed class Entry
    {
        public int UnderWay { get; set; }

        public HashSet<string> Seen { get; } = [];

        public string? Awaited { get; set; }

        public long Number { get; set; }

        public long Since { get; set; }
    }
}
