namespace Aether.Persistence.Journal;

/// <summary>
/// Whether the journal is further behind the volume than the world accepts; commits wait for as long as it is. Told by
/// the shipper, asked before each acknowledgement. Thread-safe.
/// </summary>
/// <remarks>
/// What waits is the acknowledgement, not the place in the log: so calls keep their order, and a world that awaits its
/// commits is slowed down to what the journal takes. A writer that does not wait is refused at twice the limit.
/// </remarks>
internal sealed class JournalLag(PersistenceOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly bool _isLimited = options.MaxLagBytes < long.MaxValue || options.MaxLagTime < TimeSpan.MaxValue;
    private TaskCompletionSource _caughtUp = New();  // _gate
    private long _bytes;
    private long _oldest;  // ticks, UTC; of no meaning while _bytes is 0

    /// <summary>Bytes that are not in the journal.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Whether commits must not be acknowledged now.</summary>
    public bool IsBeyond => _isLimited && Bytes is > 0 and var bytes
        && (bytes > options.MaxLagBytes
            || clock.GetUtcNow().UtcTicks - Volatile.Read(ref _oldest) > options.MaxLagTime.Ticks);

    /// <summary>Whether commits must not even be taken: those that nobody waits for would know no bound.</summary>
    public bool IsFarBeyond => _isLimited && Bytes / 2 > options.MaxLagBytes;

    /// <summary>Takes note of what is not in the journal now.</summary>
    public void Set(long bytes, DateTimeOffset oldest)
    {
        Volatile.Write(ref _oldest, oldest.UtcTicks);
        Volatile.Write(ref _bytes, bytes);
        if (!_isLimited || IsBeyond)
            return;
        lock (_gate)
        {
            if (_caughtUp.TrySetResult())
                _caughtUp = New();
        }
    }

    /// <summary>Waits until the journal is within the limit.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (IsBeyond)
        {
            Task caughtUp;
            lock (_gate)
                caughtUp = _caughtUp.Task;
            if (IsBeyond)
                await caughtUp.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Nothing will be shipped any more; ends all waits.</summary>
    public void Fail(Exception failure)
    {
        lock (_gate)
            _caughtUp.TrySetException(failure);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
