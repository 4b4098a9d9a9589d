using System.Diagnostics;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <summary>
/// Writes the blocks to the log, offers them to the shipper, syncs them and has their commits acknowledged. Flushes one
/// block at a time and never waits for more commits: commits that arrive during a sync form the next block.
/// </summary>
/// <remarks>
/// A caller that commits while the log is idle flushes on its own thread: on a fast disk, switching to another thread
/// and back takes as long as the sync. As soon as other callers wait too, the log's own thread takes over, and keeps
/// flushing while any block is due. (Group commit: DeWitt et al., "Implementation Techniques for Main Memory Database
/// Systems", SIGMOD 1984.)
/// <para>
/// With <see cref="PersistenceOptions.AcknowledgeInline"/>, the commits that callers make in their continuations form
/// the next block: all callers of one round are together again in the next one, however slow the disk is, and no thread
/// is woken for any of them.
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
    // 1: some thread flushes or acknowledges, and will check for more work after it has set this to 0
    private int _busy;
    private PendingBlock? _synced;  // only for the thread that set _busy: a synced block that is not acknowledged yet

    /// <param name="queue">Yields the blocks.</param>
    /// <param name="log">Takes the blocks.</param>
    /// <param name="epoch">Epoch of this writer.</param>
    /// <param name="shipper">Also gets every block; null for a world without a journal.</param>
    /// <param name="acknowledger">Acknowledges the commits of synced blocks.</param>
    /// <param name="interval">
    /// The longest time that a commit waits for its flush if its caller does not wait for it.
    /// </param>
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

    /// <summary>
    /// Completes when the log's thread has ended, because the queue has ended or because of a failure.
    /// </summary>
    public Task Finished => _finished.Task;

    /// <summary>Starts the log's thread.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "aether-wal" }.Start();

    /// <summary>
    /// Flushes on the calling thread, for the caller of <paramref name="own"/>, unless another thread is busy: that
    /// thread will then flush this caller's commit too.
    /// </summary>
    public void FlushFor(Acknowledgement own)
    {
        if (!_acknowledger.IsAcknowledgingHere && TryBegin())
            FlushHere(own);
    }

    /// <summary>
    /// Flushes one due block on the calling thread, unless another thread is busy. The shipping loop calls this when it
    /// has nothing else to do, which saves waking two threads.
    /// </summary>
    /// <param name="beginShipping">
    /// Called when the block is written and not yet synced; returns false if the shipper cannot take an unsynced block.
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

    /// <summary>Has the log's thread flush the due blocks, unless another thread is busy and will do so.</summary>
    public void Wake()
    {
        if (!_acknowledger.IsAcknowledgingHere && TryBegin())
            _handedOver.Release();
    }

    /// <summary>As <see cref="Wake"/>, for a caller that does not know whether a block is due.</summary>
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
            // The timer's thread has no caller: without this, the commits would never be flushed and the exception
            // would go unnoticed.
            _endWriter(exception);
        }
    }

    // Never run other callers' continuations on this thread, because its caller waits for its own commit only. If
    // others wait for the same block, hand over to the log's thread, which acknowledges them.
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

    // After a failure nobody knows what the log holds, so it is never tried again (see WalFailedException). Callers
    // whose block is synced still get an answer: an exception that sends them to the next writer.
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

    // Runs on the log's thread. Returns false once the queue has ended; _busy then stays 1, so that no other thread
    // starts to flush.
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

    // The calling thread has set _busy. Flushes one block and leaves it in _synced. Returns false if no block was due.
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

    // Returns false if a block became due before _busy was cleared and this thread set it again: then this thread must
    // flush that block, because the caller that added it found _busy set and did not.
    private bool Rest()
    {
        Interlocked.Exchange(ref _busy, 0);
        return !_queue.NeedsFlusher || !TryBegin();
    }
}
