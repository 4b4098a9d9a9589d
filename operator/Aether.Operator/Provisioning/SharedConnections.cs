namespace Aether.Operator.Provisioning;

/// <summary>
/// Connections that all reconciles share, one per key. The first use of a key opens its connection, a broken
/// connection is replaced, and a connection without use for <see cref="IdleFor"/> is closed.
/// </summary>
/// <param name="isUsable">Whether a connection can be used, as far as its client knows.</param>
/// <param name="faultOf">What an exception of a use says about its connection.</param>
/// <param name="clock">The clock.</param>
internal sealed class SharedConnections<TConnection>(
    Func<TConnection, bool> isUsable, Func<Exception, ConnectionFault> faultOf, TimeProvider clock) : IAsyncDisposable
    where TConnection : class, IAsyncDisposable
{
    /// <summary>How long an unused connection stays open: longer than the pause between two inspections.</summary>
    public static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long a connection is used. The next one resolves the server's name and logs in again. So the operator
    /// follows a failover and a changed password that no error announces.
    /// </summary>
    public static readonly TimeSpan UsedFor = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Shared> _shared = []; // guarded by _lock; holds no retired connection
    private readonly List<Task> _closing = []; // guarded by _lock
    private bool _disposed; // guarded by _lock

    /// <summary>Number of connections that are open or being opened.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _shared.Count;
        }
    }

    /// <summary>
    /// Runs <paramref name="use"/> on the connection of <paramref name="key"/>, together with other uses. If the
    /// connection was cut since its last use, the use is repeated on a new one, so it must be repeatable.
    /// </summary>
    /// <param name="key">Everything that distinguishes the connection: address, credentials and certificates.</param>
    /// <param name="open">Opens a connection.</param>
    /// <param name="use">The work. It must not keep the connection.</param>
    public async Task<TResult> UseAsync<TResult>(
        string key, Func<Task<TConnection>> open, Func<TConnection, Task<TResult>> use)
    {
        var shared = Rent(key, open, out var isReused);
        try
        {
            return await UseAsync(shared, use);
        }
        catch (Exception exception) when (isReused && faultOf(exception) == ConnectionFault.Stale)
        {
            return await UseAsync(Rent(key, open, out _), use);
        }
    }

    /// <summary>Closes all connections; those in use are closed by their last user.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] closing;
        lock (_lock)
        {
            _disposed = true;
            foreach (var shared in _shared.Values.ToList())
                RetireLocked(shared);
            closing = [.. _closing];
        }

        await Task.WhenAll(closing);
    }

    private async Task<TResult> UseAsync<TResult>(Shared shared, Func<TConnection, Task<TResult>> use)
    {
        try
        {
            var connection = await shared.Opening.Value;
            lock (_lock)
                shared.Connection = connection;
            return await use(connection);
        }
        catch (Exception exception) when (faultOf(exception) != ConnectionFault.None || !HasOpened(shared))
        {
            lock (_lock)
                RetireLocked(shared);
            throw;
        }
        finally
        {
            Return(shared);
        }
    }

    private Shared Rent(string key, Func<Task<TConnection>> open, out bool isReused)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_shared.TryGetValue(key, out var present) && !MayBeUsedLocked(present))
                RetireLocked(present);
            if (!_shared.TryGetValue(key, out var shared))
                _shared[key] = shared = New(key, open);
            isReused = shared.Connection is not null;
            shared.Users++;
            shared.Idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return shared;
        }
    }

    private Shared New(string key, Func<Task<TConnection>> open)
    {
        var shared = new Shared(key, new Lazy<Task<TConnection>>(open), clock.GetTimestamp());
        shared.Idle = clock.CreateTimer(
            _ => CloseIdle(shared), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return shared;
    }

    private bool MayBeUsedLocked(Shared shared) =>
        clock.GetElapsedTime(shared.OpenedAt) < UsedFor
        && (shared.Connection is null || isUsable(shared.Connection));

    private bool HasOpened(Shared shared)
    {
        lock (_lock)
            return shared.Connection is not null;
    }

    private void Return(Shared shared)
    {
        lock (_lock)
        {
            shared.Users--;
            if (shared.Users > 0)
                return;
            if (shared.IsRetired)
                CloseLocked(shared);
            else
                shared.Idle.Change(IdleFor, Timeout.InfiniteTimeSpan);
        }
    }

    private void CloseIdle(Shared shared)
    {
        lock (_lock)
        {
            if (shared.Users == 0)
                RetireLocked(shared);
        }
    }

    // No new use gets a retired connection.
    private void RetireLocked(Shared shared)
    {
        if (shared.IsRetired)
            return;
        shared.IsRetired = true;
        _shared.Remove(shared.Key);
        if (shared.Users == 0)
            CloseLocked(shared);
    }

    private void CloseLocked(Shared shared)
    {
        shared.Idle.Dispose();
        _closing.RemoveAll(closing => closing.IsCompletedSuccessfully);
        if (shared.Connection is { } connection)
            _closing.Add(Task.Run(async () => await connection.DisposeAsync()));
    }

    private sealed class Shared(string key, Lazy<Task<TConnection>> opening, long openedAt)
    {
        public string Key => key;

        public Lazy<Task<TConnection>> Opening => opening;

        public long OpenedAt => openedAt;

        /// <summary>The connection once it is open. Guarded by <c>_lock</c>.</summary>
        public TConnection? Connection { get; set; }

        /// <summary>Running uses. Guarded by <c>_lock</c>.</summary>
        public int Users { get; set; }

        /// <summary>Whether its last user closes it. Guarded by <c>_lock</c>.</summary>
        public bool IsRetired { get; set; }

        public ITimer Idle { get; set; } = null!;
    }
}
