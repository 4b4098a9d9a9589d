namespace Aether.Persistence.Journal;

/// <summary>
/// Whether the journal is further behind the volume than the world allows; acknowledgements wait while it is. The
/// shipper updates it, and the acknowledger reads it before each acknowledgement. Thread-safe.
/// </summary>
/// <remarks>
/// The acknowledgement waits, not the commit's place in the log. So calls keep their order, and a world that awaits its
/// commits slows down to the speed of the journal. A world that does not wait is refused at twice the limit.
/// </remarks>
internal sealed class JournalLag(PersistenceOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly bool _isLimited = options.MaxLagBytes < long.MaxValue || options.MaxLagTime < TimeSpan.MaxValue;
    private TaskCompletionSource _caughtUp = New();  // _gate
    private long _bytes;
    private long _oldest;  // ticks, UTC; meaningless while _bytes is 0

    /// <summary>Bytes that are not in the journal.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Whether commits must not be acknowledged now.</summary>
    public bool IsBeyond => _isLimited && Bytes is > 0 and var bytes
        && (bytes > options.MaxLagBytes
            || clock.GetUtcNow().UtcTicks - Volatile.Read(ref _oldest) > options.MaxLagTime.Ticks);

    /// <summary>
    /// Whether commits must even be refused: otherwise a world that does not wait could run ahead without limit.
    /// </summary>
    public bool IsFarBeyond => _isLimited && Bytes / 2 > options.MaxLagBytes;

    /// <summary>Records how much is missing from the journal now.</summary>
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

    /// <summary>Ends all waits, because nothing will be shipped any more.</summary>
    public void Fail(Exception failure)
    {
        lock (_gate)
            _caughtUp.TrySetException(failure);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
