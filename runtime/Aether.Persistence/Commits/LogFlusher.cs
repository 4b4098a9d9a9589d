using System.Diagnostics;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <summary>
/// Writes the blocks to the log, offers them to the shipper, syncs them and has their commits acknowledged. Flushes one
/// block at a time and never waits for more commits: those that come in during a sync are the next block.
/// </summary>
/// <remarks>
/// A caller that commits while the log is idle flushes on its own thread: handing over to another thread and back costs
/// as much as the sync on a fast disk. As soon as other callers wait too, the log's own thread takes over, and keeps it
/// while there is something to flush. (Group commit: DeWitt et al., "Implementation Techniques for Main Memory Database
/// Systems", SIGMOD 1984.)
/// <para>
/// With <see cref="PersistenceOptions.AcknowledgeInline"/> the commits that callers make when they are acknowledged are
/// the next block: all that are acknowledged in one round come back in the next one, however slow the disk, and no
/// thread is woken for any of them.
/// </para>
/// </remarks>
internal sealed partial class LogFlusher : IDisposable
{
    private readonly BlockQueue _queue;
    private readonly WriteAheadLog _log;
    private readonly Epoch _epoch;
    private readonly Shipper? _shipper;
    private readonly Acknowledger _acknowledger;
    private readonly EngineMetrics _metrics;
    private readonly Action<Exception> _endWriter;
    private readonly Func<LogBlock, bool> _offerUnsynced;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _handedOver = new(0, 1);
    private int _busy;  // 1: a thread flushes or acknowledges, and checks for more before it sets this to 0
    private PendingBlock? _synced;  // belongs to the thread that is busy: synced, and not acknowledged yet

    /// <param name="queue">Where the blocks come from.</param>
    /// <param name="log">Where they go.</param>
    /// <param name="epoch">Of this writer.</param>
    /// <param name="shipper">Gets every block, too; null for a world without a journal.</param>
    /// <param name="acknowledger">Gets what is synced.</param>
    /// <param name="interval">The longest time before commits are flushed that nobody waits for.</param>
    /// <param name="clock">Measures that time.</param>
    /// <param name="metrics">Counts blocks and times.</param>
    /// <param name="endWriter">Ends the writer after a failure.</param>
    public LogFlusher(
        BlockQueue queue,
        WriteAheadLog log,
        Epoch epoch,
        Shipper? shipper,
        Acknowledger acknowledger,
        TimeSpan interval,
        TimeProvider clock,
        EngineMetrics metrics,
        Action<Exception> endWriter)
    {
        _queue = queue;
        _log = log;
        _epoch = epoch;
        _shipper = shipper;
        _acknowledger = acknowledger;
        _metrics = metrics;
        _endWriter = endWriter;
        _offerUnsynced = shipper is null ? static _ => false : shipper.TryOfferUnsynced;
        _interval = interval;
        _timer = clock.CreateTimer(_ => FlushOnTime(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Completes when the log's thread has ended: the queue has ended, or something failed.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Starts the log's thread.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "aether-wal" }.Start();

    /// <summary>
    /// Flushes on this thread, for the caller of <paramref name="own"/>, unless another thread is busy: that thread
    /// will then flush what this caller has committed.
    /// </summary>
    public void FlushFor(Acknowledgement own)
    {
        if (!_acknowledger.IsAcknowledgingHere && TryBegin())
            FlushHere(own);
    }

    /// <summary>
    /// Flushes on this thread what is due, unless another thread is busy: for the shipper's thread, when it has nothing
    /// else to do, which saves waking two threads.
    /// </summary>
    /// <param name="beginShipping">
    /// Gets the block when it is written and before it is synced; false if the shipper cannot take it before the sync.
    /// </param>
    public void FlushHere(Func<LogBlock, bool> beginShipping)
    {
        if (!_queue.NeedsFlusher || !TryBegin())
            return;
        try
        {
            FlushNext(beginShipping);
            AcknowledgeSynced();
        }
        catch (Exception exception)
        {
            End(exception);
        }

        RestOrHandOver();
    }

    /// <summary>Has the log's thread flush what is due, unless another thread is busy and will do so.</summary>
    public void Wake()
    {
        if (!_acknowledger.IsAcknowledgingHere && TryBegin())
            _handedOver.Release();
    }

    /// <summary>As <see cref="Wake"/>, for a caller that does not know whether anything is due.</summary>
    public void WakeIfNeeded()
    {
        if (_queue.NeedsFlusher)
            Wake();
    }

    /// <summary>Has the open block flushed without waiting for its interval.</summary>
    public void FlushNow()
    {
        _queue.EndInterval();
        Wake();
    }

    /// <summary>Has the open block flushed after its interval.</summary>
    public void FlushLater() => _timer.Change(_interval, Timeout.InfiniteTimeSpan);

    /// <summary>Releases the timer; call it after <see cref="Finished"/>.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _handedOver.Dispose();
    }

    private bool TryBegin() => Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    private void FlushOnTime()
    {
        try
        {
            FlushNow();
        }
        catch (Exception exception)
        {
            // No other thread would flush these commits or see this exception.
            _endWriter(exception);
        }
    }

    // Never run other callers' continuations on this caller's thread: it waits for its own commit. If others wait for
    // the same block, the log's thread acknowledges them.
    private void FlushHere(Acknowledgement own)
    {
        try
        {
            FlushNext(_offerUnsynced);
            if (_synced?.Waiting.Remove(own) == true)
                _acknowledger.Acknowledge(own);
            if (_synced?.Waiting.Count > 0)
            {
                _handedOver.Release();
                return;
            }

            AcknowledgeSynced();
        }
        catch (Exception exception)
        {
            End(exception);
            own.Fail(new RuntimeUnavailableException(RuntimePhase.Failed, exception));
        }

        RestOrHandOver();
    }

    // A failed log is in an unknown state and is never tried again (see WalFailedException). Callers whose block is
    // synced get an answer too: an exception that sends them to the next writer.
    private void End(Exception exception)
    {
        _endWriter(exception);
        if (_synced is not { } synced)
            return;
        _synced = null;
        _acknowledger.Acknowledge(synced.Waiting);
    }

    private void Run()
    {
        try
        {
            do
                _handedOver.Wait();
            while (RunWhileNeeded());
        }
        catch (Exception exception)
        {
            End(exception);
        }
        finally
        {
            _finished.SetResult();
            _shipper?.Wake();
        }
    }

    // Returns false once the queue has ended. This thread then stays marked as busy, so that no other thread starts to
    // flush.
    private bool RunWhileNeeded()
    {
        while (true)
        {
            AcknowledgeSynced();
            while (FlushNext(_offerUnsynced))
                AcknowledgeSynced();
            if (_queue.IsEnded)
                return false;
            if (Rest())
                return true;
        }
    }

    // Flushes one block and leaves it in _synced. Returns false if no block was due.
    private bool FlushNext(Func<LogBlock, bool> offerUnsynced)
    {
        if (_queue.Take() is not { } pending)
            return false;
        if (EngineTracing.IsOn)
            FlushTraced(pending, offerUnsynced);
        else
            Flush(pending, offerUnsynced);
        return true;
    }

    private void Flush(PendingBlock pending, Func<LogBlock, bool> offerUnsynced)
    {
        var (block, checksum) = pending.Close(_epoch, _log.End.Checksum ?? LogEnd.NoChecksum);
        var started = Stopwatch.GetTimestamp();
        _log.Write(block);
        var write = Stopwatch.GetElapsedTime(started);

        // The shipper appends the block to the journal while this thread syncs it to the disk (ADR 0021).
        var offered = offerUnsynced(block);
        _log.Sync(block, checksum);
        _metrics.CountSynced(block.Encoded.Length, write + _log.LastSync, _log.LastSync);
        _queue.Release(pending);
        _acknowledger.Synced(pending);
        _synced = pending;
        if (!offered)
            _shipper?.Offer(block);
    }

    private void AcknowledgeSynced()
    {
        if (_synced is not { } synced)
            return;
        _synced = null;
        _acknowledger.Acknowledge(synced.Waiting);
        _queue.Recycle(synced);
    }

    private void RestOrHandOver()
    {
        if (!Rest())
            _handedOver.Release();
    }

    // Returns false if a block became due before this thread was marked as idle: then this thread must flush it.
    private bool Rest()
    {
        Interlocked.Exchange(ref _busy, 0);
        return !_queue.NeedsFlusher || !TryBegin();
    }
}
