using System.Diagnostics;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <summary>
/// Writes the blocks to the log, syncs them, and tells those who wait. One at a time, and without ever waiting for
/// company: what came while one block was synced is the next block.
/// </summary>
/// <remarks>
/// Whoever commits while the log is idle flushes on its own thread: handing over to another and back costs as much as
/// the sync itself on a fast disk. As soon as others wait too, the log's own thread takes over, and keeps it as long as
/// there is something to flush. (Group commit: DeWitt et al., "Implementation Techniques for Main Memory Database
/// Systems", SIGMOD 1984.)
/// <para>
/// With <see cref="PersistenceOptions.AcknowledgeInline"/> what follows an await runs here, on the thread that
/// acknowledges, and the commits it makes are the next block: all that were told in one round come back in the next,
/// however slow the disk, and no thread is woken for any of them.
/// </para>
/// </remarks>
internal sealed class LogFlusher : IDisposable
{
    // For which world this thread acknowledges: what is committed to it meanwhile is flushed right after. To it only:
    // what follows an await may commit to another world, whose log nobody may be flushing.
    [ThreadStatic]
    private static LogFlusher? _acknowledging;

    private readonly CommitPipeline _pipeline;
    private readonly WriteAheadLog _log;
    private readonly Epoch _epoch;
    private readonly Shipper? _shipper;
    private readonly EngineMetrics _metrics;
    private readonly Action<Exception> _fail;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _handedOver = new(0, 1);
    private int _busy;  // 1: someone flushes or acknowledges, and looks for more before it rests
    private PendingBlock? _synced;  // whoever is busy: to be acknowledged

    public LogFlusher(
        CommitPipeline pipeline,
        WriteAheadLog log,
        Epoch epoch,
        Shipper? shipper,
        EngineMetrics metrics,
        Action<Exception> fail)
    {
        _pipeline = pipeline;
        _log = log;
        _epoch = epoch;
        _shipper = shipper;
        _metrics = metrics;
        _fail = fail;
    }

    /// <summary>
    /// Completes when the thread has ended: the pipeline was closed and emptied, or something failed.
    /// </summary>
    public Task Finished => _finished.Task;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "aether-wal" }.Start();

    /// <summary>
    /// Sees to it that what is due is flushed. If nobody does so already, it is done here and now for the sake of
    /// <paramref name="own"/>, or by the log's own thread if that is null.
    /// </summary>
    public void Flush(Acknowledgement? own)
    {
        if (_acknowledging == this || !TryBegin())
            return;
        if (own is null)
            _handedOver.Release();
        else
            FlushHere(own);
    }

    /// <summary>
    /// Tells those who wait. What they commit in answer is flushed by the log's own thread, or, if
    /// <paramref name="flushHere"/>, by this one: for a caller with nothing else to do, who saves waking two threads.
    /// </summary>
    public void Acknowledge(List<Acknowledgement> waiting, bool flushHere)
    {
        Tell(waiting);
        if (!_pipeline.NeedsFlusher || !TryBegin())
            return;
        if (flushHere)
            FlushHere(null);
        else
            _handedOver.Release();
    }

    public void Dispose() => _handedOver.Dispose();

    private bool TryBegin() => Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    // What follows the awaits of others must not run on the thread of a caller who waits for its own.
    private void FlushHere(Acknowledgement? own)
    {
        try
        {
            FlushNext(byShipper: own is null);
            if (own is not null && _synced?.Waiting.Remove(own) == true)
                _pipeline.Acknowledge(own);
            if (own is not null && _synced?.Waiting.Count > 0)
            {
                _handedOver.Release();
                return;
            }

            AcknowledgeSynced();
        }
        catch (Exception exception)
        {
            End(exception);
            own?.Fail(new RuntimeUnavailableException(RuntimePhase.Failed, exception));
        }

        if (!Rest())
            _handedOver.Release();
    }

    // Whatever it was, the log may be in any state: no second try (see WalFailedException). Those whose block is synced
    // get their answer, too: that they have to ask the next writer.
    private void End(Exception exception)
    {
        _fail(exception);
        if (_synced is not { } synced)
            return;
        _synced = null;
        _pipeline.Acknowledge(synced.Waiting);
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
        }
    }

    // False once nothing is left, for ever: then nobody else gets a turn either.
    private bool RunWhileNeeded()
    {
        while (true)
        {
            AcknowledgeSynced();
            while (FlushNext(byShipper: false))
                AcknowledgeSynced();
            if (_pipeline.IsEnded)
                return false;
            if (Rest())
                return true;
        }
    }

    // Leaves the block that was flushed in _synced; false if none was due.
    private bool FlushNext(bool byShipper)
    {
        if (_pipeline.TakeBlock() is not { } pending)
            return false;
        var (block, checksum) = pending.Close(_epoch, _log.End!.Value.Checksum ?? LogEnd.NoChecksum);
        var started = Stopwatch.GetTimestamp();
        _log.Write(block);
        var write = Stopwatch.GetElapsedTime(started);

        // The journal takes it while it is synced.
        var offered = _shipper?.TryOfferUnsynced(block, byShipper) == true;
        _log.Sync(block, checksum);
        _metrics.CountSynced(block.Encoded.Length, write + _log.LastSync, _log.LastSync);
        _pipeline.Settle(pending);
        _synced = pending;
        if (!offered)
            _shipper?.Offer(block);
        return true;
    }

    private void AcknowledgeSynced()
    {
        if (_synced is not { } synced)
            return;
        _synced = null;
        Tell(synced.Waiting);
        _pipeline.Recycle(synced);
    }

    private void Tell(List<Acknowledgement> waiting)
    {
        var outer = _acknowledging;
        _acknowledging = this;
        try
        {
            _pipeline.Acknowledge(waiting);
        }
        finally
        {
            _acknowledging = outer;
        }
    }

    // False if something came up meanwhile, and it is still for us to do.
    private bool Rest()
    {
        Interlocked.Exchange(ref _busy, 0);
        return !_pipeline.NeedsFlusher || !TryBegin();
    }
}
