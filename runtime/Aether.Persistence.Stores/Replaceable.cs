namespace Aether.Persistence.Stores;

/// <summary>
/// A connection that many operations use at once and that can be replaced meanwhile. A replaced connection is disposed
/// when its last use ends, so the replacement interrupts no operation. Thread-safe.
/// </summary>
internal sealed class Replaceable<T>(T first) : IAsyncDisposable
    where T : class, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Generation _current = new(first);  // _gate

    /// <summary>
    /// The current value, only for inspection: another thread may replace and dispose it at any time.
    /// </summary>
    public T Current
    {
        get
        {
            lock (_gate)
                return _current.Value;
        }
    }

    /// <summary>Keeps the current value from being disposed until the result is disposed.</summary>
    public Hold Use()
    {
        lock (_gate)
        {
            _current.Users++;
            return new Hold(this, _current);
        }
    }

    /// <summary>
    /// Replaces <paramref name="expected"/>. Returns false, and leaves <paramref name="next"/> to the caller, if the
    /// current value is another one.
    /// </summary>
    public async Task<bool> TryReplaceAsync(T expected, T next)
    {
        Generation old;
        lock (_gate)
        {
            old = _current;
            if (!ReferenceEquals(old.Value, expected))
                return false;
            _current = new Generation(next);
            old.IsReplaced = true;
            if (old.Users > 0)
                return true;
        }

        await old.Value.DisposeAsync();
        return true;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        T last;
        lock (_gate)
            last = _current.Value;
        return last.DisposeAsync();
    }

    private ValueTask ReleaseAsync(Generation generation)
    {
        lock (_gate)
        {
            if (--generation.Users > 0 || !generation.IsReplaced)
                return ValueTask.CompletedTask;
        }

        return generation.Value.DisposeAsync();
    }

    /// <summary>One use of the value that was current when the use began.</summary>
    public readonly struct Hold : IAsyncDisposable
    {
        private readonly Replaceable<T> _owner;
        private readonly Generation _generation;

        internal Hold(Replaceable<T> owner, Generation generation) => (_owner, _generation) = (owner, generation);

        /// <summary>The value.</summary>
        public T Value => _generation.Value;

        /// <inheritdoc />
        public ValueTask DisposeAsync() => _owner.ReleaseAsync(_generation);
    }

    internal sealed class Generation(T value)
    {
        public T Value { get; } = value;

        public int Users { get; set; }  // _gate

        public bool IsReplaced { get; set; }  // _gate
    }
}
