using System.Threading.Channels;
using Aether.Persistence.Journal;
using Aether.Persistence.Recovery;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Commits;

/// <summary>
/// Brings blocks into the journal, in order, as many at once as wait. What it may not keep in memory during a long
/// outage it reads from the log again.
/// </summary>
/// <remarks>
/// A block goes to the journal while it is synced here, so that disk and journal work at the same time; it counts as
/// replicated once both have it. (As a leader sends its entries while it writes them: D. Ongaro, "Consensus: Bridging
/// Theory and Practice", 2014, 10.2.1; docs/adr/0021.)
/// </remarks>
internal sealed partial class Shipper(
    IJournal journal,
    WriteAheadLog log,
    CommitPipeline pipeline,
    RecoveredWorld recovered,
    PersistenceOptions options,
    TimeProvider clock,
    EngineMetrics metrics,
    ILogger<Shipper> logger)
{
    private const int MaxAppendBytes = 4 << 20;

    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _gate = new();
    private readonly Queue<LogBlock> _waiting = [];  // _gate
    private long _waitingBytes;  // _gate
    private long _unshippedBytes = recovered.UnshippedBytes;  // _gate
    private Sequence _last = recovered.World.Sequence;  // _gate: the last block offered
    private DateTimeOffset _oldest = recovered.OldestUnshipped;  // _gate: of the unshipped blocks, or somewhat earlier

    // _gate: blocks are missing from the queue. At first those that the log holds from before: what is committed from
    // the first moment on must not come before them.
    private bool _readsLog = true;
    private Epoch _epoch;
    private CancellationToken _cancellation;
    private long _trying;  // when the append under way was first tried, by the clock; 0 while none is
    private (List<LogBlock> Batch, Task Append)? _begun;  // the shipper's thread: by a flush of its own

    public BackendHealth Health { get; } = new("journal");

    /// <summary>Tells of a block that was synced; keeps a copy of it, if anything.</summary>
    public void Offer(LogBlock block)
    {
        lock (_gate)
            Enqueue(block, TryCopy(block));
        _work.Writer.TryWrite(true);
    }

    /// <summary>
    /// Tells of a block that is written and about to be synced; false if the shipper will have to read it from the log:
    /// then it is offered when it was synced.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="byShipper">Whether the shipper itself flushes: then it begins here and now.</param>
    public bool TryOfferUnsynced(LogBlock block, bool byShipper)
    {
        lock (_gate)
        {
            if (TryCopy(block) is not { } copy)
                return false;
            Enqueue(block, copy);
        }

        if (byShipper)
            _begun = Begin(TakeQueued());
        else
            _work.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Bytes that are not in the journal, and how long the oldest of them has not been.</summary>
    public (long Bytes, TimeSpan Age) Measure()
    {
        lock (_gate)
            return (_unshippedBytes, _unshippedBytes == 0 ? TimeSpan.Zero : clock.GetUtcNow() - _oldest);
    }

    /// <summary>For how long the journal has not taken what it was sent; zero while nothing is under way.</summary>
    public TimeSpan Outage =>
        Interlocked.Read(ref _trying) is not 0 and var since ? clock.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Ships until cancelled.</summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    /// <exception cref="JournalFellBackException">The journal lost what it had taken.</exception>
    public async Task RunAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        (_epoch, _cancellation) = (epoch, cancellationToken);
        while (true)
        {
            foreach (var batch in WaitingBatches())
                await EndAsync(Begin(batch));

            var left = pipeline.TellReplicated(flushHere: true);
            if (_begun is { } begun)
            {
                _begun = null;
                await EndAsync(begun);
            }
            else if (!left)
            {
                await _work.Reader.ReadAsync(cancellationToken);
            }
        }
    }

    private (List<LogBlock> Batch, Task Append) Begin(List<LogBlock> batch) => (batch, AppendAsync(batch));

    private async Task EndAsync((List<LogBlock> Batch, Task Append) begun)
    {
        // Those whose commits the journal has already make their next ones while it takes these.
        bool left;
        do
            left = pipeline.TellReplicated(flushHere: false);
        while (left && !begun.Append.IsCompleted);
        await begun.Append;
        await pipeline.Durable.WaitForAsync(begun.Batch[^1].Last, _cancellation);
        Shipped(begun.Batch);
    }

    // Under _gate.
    private bool HasRoomFor(LogBlock block) =>
        !_readsLog && _waitingBytes + block.Encoded.Length <= options.MaxUnshippedBytes;

    // Under _gate. Null if it may not be kept, or cannot be for want of memory: then it is read from the log.
    private LogBlock? TryCopy(LogBlock block)
    {
        if (!HasRoomFor(block))
            return null;
        using var survivable = SurvivableAllocations.Enter();
        try
        {
            options.Memory.EnsureCapacity(_waiting, _waiting.Count + 1);
            options.Memory.BeforeGrowth();
            return block with { Encoded = block.Encoded.ToArray() };
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    // Under _gate.
    private void Enqueue(LogBlock block, LogBlock? copy)
    {
        if (_unshippedBytes == 0)
            _oldest = block.WrittenAt;
        _last = block.Last;
        _unshippedBytes += block.Encoded.Length;
        pipeline.Lag.Set(_unshippedBytes, _oldest);
        _readsLog = copy is null;
        if (copy is null)
            return;
        _waiting.Enqueue(copy);
        _waitingBytes += block.Encoded.Length;
    }

    private IEnumerable<List<LogBlock>> WaitingBatches()
    {
        while (TakeQueued() is { Count: > 0 } batch)
            yield return batch;

        while (IsBehind())
        {
            var batch = new List<LogBlock>();
            var bytes = 0;
            foreach (var block in log.ReadAfter(pipeline.Replicated.Value).TakeWhile(IsOffered))
            {
                batch.Add(block);
                bytes += block.Encoded.Length;
                if (bytes < MaxAppendBytes)
                    continue;
                yield return batch;
                batch = [];
                bytes = 0;
            }
            if (batch.Count > 0)
                yield return batch;
        }
    }

    // What is synced stands in the log somewhat before it is offered, and would be counted and shipped again then.
    private bool IsOffered(LogBlock block)
    {
        lock (_gate)
            return block.Last <= _last;
    }

    private List<LogBlock> TakeQueued()
    {
        var batch = new List<LogBlock>();
        var bytes = 0;
        lock (_gate)
        {
            while (bytes < MaxAppendBytes && _waiting.TryDequeue(out var block))
            {
                batch.Add(block);
                bytes += block.Encoded.Length;
            }
            _waitingBytes -= bytes;
        }
        return batch;
    }

    private bool IsBehind()
    {
        lock (_gate)
        {
            _readsLog &= pipeline.Replicated.Value < _last;
            if (_readsLog)
            {
                _waiting.Clear();
                _waitingBytes = 0;
            }
            return _readsLog;
        }
    }

    private async Task AppendAsync(List<LogBlock> batch)
    {
        var backoff = new Backoff(clock);
        Interlocked.Exchange(ref _trying, clock.GetTimestamp());
        while (true)
        {
            try
            {
                using (metrics.TimeAppend())
                    await journal.AppendAsync(_epoch, batch, _cancellation);
                Interlocked.Exchange(ref _trying, 0);
                if (Health.Recovered())
                    LogReachableAgain(batch[0].First);
                return;
            }
            catch (JournalGapException gap) when (gap.Last < pipeline.Replicated.Value)
            {
                throw new JournalFellBackException(gap.Last, pipeline.Replicated.Value, gap);
            }
            catch (StoreUnavailableException exception)
            {
                if (Health.Failed(exception))
                    LogUnreachable(batch[0].First, exception.Message);
                await backoff.WaitAsync(_cancellation);
            }
        }
    }

    private void Shipped(List<LogBlock> batch)
    {
        var bytes = batch.Sum(block => (long)block.Encoded.Length);
        lock (_gate)
        {
            _unshippedBytes -= bytes;
            _oldest = _waiting.TryPeek(out var next) ? next.WrittenAt : batch[^1].WrittenAt;
            pipeline.Lag.Set(_unshippedBytes, _oldest);
        }
        metrics.CountShipped(batch.Count, bytes);
        pipeline.Replicated.Advance(batch[^1].Last);
    }

    [LoggerMessage(2201, LogLevel.Warning, "The journal does not answer; blocks from commit {First} on wait: {Reason}")]
    private partial void LogUnreachable(Sequence first, string reason);

    [LoggerMessage(2202, LogLevel.Information, "The journal answers again; shipping from commit {First} on")]
    private partial void LogReachableAgain(Sequence first);
}
