namespace Aether.Persistence.Stores;

/// <summary>
/// Connections that many operations use at once and that can be replaced meanwhile. What was replaced is disposed when
/// its last use ends, so no operation is cut off by the replacement. Thread-safe.
/// </summary>
internal sealed class Replaceable<T>(T first) : IAsyncDisposable
    where T : class, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Generation _current = new(first);  // _gate

    /// <summary>The current value, only for inspection: it may be replaced and disposed right after.</summary>
    public T Current
    {
        get
        {
            lock (_gate)
                return _current.Value;
        }
    }

    /// <summary>Takes hold of what is current until the result is disposed.</summary>
    public Hold Use()
    {
        lock (_gate)
        {
            _current.Users++;
            return new Hold(this, _current);
        }
    }

    /// <summary>
    /// Replaces <paramref name="expected"/>; false, with <paramref name="next"/> left to the caller, if it is not
    /// current any more.
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

    /// <summary>One use of what was current when it began.</summary>
    public readonly struct Hold : IAsyncDisposable
    {
        private readonly Replaceable<T> _owner;
        private readonly Generation _generation;

        internal Hold(Replaceable<T> owner, Generation generation) => (_owner, _generation) = (owner, generation);

        /// <summary>What is held.</summary>
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
