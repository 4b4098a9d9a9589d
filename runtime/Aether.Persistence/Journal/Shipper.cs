using System.Threading.Channels;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Journal;

/// <summary>
/// Sends blocks to the journal in order, and all waiting blocks together. During a long outage it reads blocks that
/// exceed its memory limit from the log again.
/// </summary>
/// <remarks>
/// A block goes to the journal while it is synced to the volume, so that disk and journal work at the same time. It
/// counts as replicated once both hold it. (As a leader sends its entries while it writes them: D. Ongaro, "Consensus:
/// Bridging Theory and Practice", 2014, 10.2.1; docs/adr/0021.)
/// <para>
/// The thread that flushes offers blocks. Only the shipping loop takes batches, and it finishes each before the next.
/// </para>
/// </remarks>
/// <param name="journal">Takes the blocks.</param>
/// <param name="epoch">Epoch of this writer.</param>
/// <param name="log">Holds the blocks that are not kept in memory.</param>
/// <param name="backlog">The blocks that the journal lacks at the start.</param>
/// <param name="durable">The last synced commit.</param>
/// <param name="replicated">The last commit in the journal; the shipper advances it.</param>
/// <param name="lag">How far the journal is behind; the shipper updates it.</param>
/// <param name="options">Limit how much is kept in memory.</param>
/// <param name="clock">Measures outages.</param>
/// <param name="metrics">Counts shipped blocks.</param>
/// <param name="logger">Logs outages.</param>
internal sealed partial class Shipper(
    IJournal journal,
    Epoch epoch,
    WriteAheadLog log,
    ShippingBacklog backlog,
    Watermark durable,
    Watermark replicated,
    JournalLag lag,
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
    private long _unshippedBytes = backlog.Bytes;  // _gate
    private Sequence _last = backlog.Last;  // _gate: the last block offered
    private DateTimeOffset _oldest = backlog.Oldest;  // _gate: of the oldest unshipped block, or a little earlier

    // Guarded by _gate. True while the queue lacks blocks that the log holds. At the start these are the recovered
    // blocks, which must be shipped before any new commit.
    private bool _readsLog = true;
    private long _trying;  // when the pending append was first tried, by the clock; 0 if none is pending

    public BackendHealth Health { get; } = new("journal");

    /// <summary>Records a synced block, and keeps a copy of it if there is room.</summary>
    public void Offer(LogBlock block)
    {
        lock (_gate)
            Enqueue(block, TryCopy(block));
        Wake();
    }

    /// <summary>
    /// Takes a block that is written and about to be synced. Returns false if the shipper will have to read the block
    /// from the log: then the caller must offer it once it is synced.
    /// </summary>
    public bool TryOfferUnsynced(LogBlock block)
    {
        if (!TryEnqueueUnsynced(block))
            return false;
        Wake();
        return true;
    }

    /// <summary>
    /// As <see cref="TryOfferUnsynced"/>, and starts to send the block at once, together with all blocks before it.
    /// </summary>
    public Shipment? TryBeginUnsynced(LogBlock block, CancellationToken cancellationToken) =>
        TryEnqueueUnsynced(block) ? Begin(TakeQueued(), cancellationToken) : null;

    /// <summary>Starts to send a batch of <see cref="WaitingBatches"/>.</summary>
    public Shipment Begin(IReadOnlyList<LogBlock> batch, CancellationToken cancellationToken) =>
        new(batch, AppendAsync(batch, cancellationToken));

    /// <summary>
    /// Waits until a batch is in the journal and synced to the volume, and then counts it as replicated.
    /// </summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    /// <exception cref="JournalFellBackException">The journal lost blocks that it had acknowledged.</exception>
    /// <exception cref="RuntimeUnavailableException">The writer has failed.</exception>
    public async Task FinishAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        await shipment.Append;
        await durable.WaitForAsync(shipment.Batch[^1].Last, cancellationToken);
        CountShipped(shipment.Batch);
    }

    /// <summary>Ends the current <see cref="WaitForWorkAsync"/>, or the next one.</summary>
    public void Wake() => _work.Writer.TryWrite(true);

    /// <summary>Waits until a block is offered or <see cref="Wake"/> is called.</summary>
    public async Task WaitForWorkAsync(CancellationToken cancellationToken) =>
        await _work.Reader.ReadAsync(cancellationToken);

    /// <summary>Bytes that are not in the journal, and the age of the oldest of them.</summary>
    public (long Bytes, TimeSpan Age) Measure()
    {
        lock (_gate)
            return (_unshippedBytes, _unshippedBytes == 0 ? TimeSpan.Zero : clock.GetUtcNow() - _oldest);
    }

    /// <summary>For how long the journal has not answered the pending append; zero if none is pending.</summary>
    public TimeSpan Outage =>
        Interlocked.Read(ref _trying) is not 0 and var since ? clock.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>
    /// The batches to send next, from memory or from the log. Finish each batch before taking the next.
    /// </summary>
    public IEnumerable<IReadOnlyList<LogBlock>> WaitingBatches()
    {
        while (TakeQueued() is { Count: > 0 } batch)
            yield return batch;

        while (IsBehind())
        {
            var batch = new List<LogBlock>();
            var bytes = 0;
            foreach (var block in log.ReadAfter(replicated.Value).TakeWhile(IsOffered))
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

    private bool TryEnqueueUnsynced(LogBlock block)
    {
        lock (_gate)
        {
            if (TryCopy(block) is not { } copy)
                return false;
            Enqueue(block, copy);
            return true;
        }
    }

    // The caller holds _gate.
    private bool HasRoomFor(LogBlock block) =>
        !_readsLog && _waitingBytes + block.Encoded.Length <= options.MaxUnshippedBytes;

    // The caller holds _gate. Returns null if the limit or the memory does not allow a copy; the block is then read
    // from the log.
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

    // The caller holds _gate.
    private void Enqueue(LogBlock block, LogBlock? copy)
    {
        if (_unshippedBytes == 0)
            _oldest = block.WrittenAt;
        _last = block.Last;
        _unshippedBytes += block.Encoded.Length;
        lag.Set(_unshippedBytes, _oldest);
        _readsLog = copy is null;
        if (copy is null)
            return;
        _waiting.Enqueue(copy);
        _waitingBytes += block.Encoded.Length;
    }

    // The flusher syncs a block shortly before it offers it, so the log may already show a block that was not offered.
    // Without this check the shipping loop would ship and count that block twice.
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
            _readsLog &= replicated.Value < _last;
            if (_readsLog)
            {
                _waiting.Clear();
                _waitingBytes = 0;
            }
            return _readsLog;
        }
    }

    private async Task AppendAsync(IReadOnlyList<LogBlock> batch, CancellationToken cancellationToken)
    {
        using var span = EngineTracing.StartShip(batch[0].First, batch[^1].Last, batch.Count);
        Interlocked.Exchange(ref _trying, clock.GetTimestamp());
        try
        {
            await Backoff.RetryAsync(
                () => TryAppendAsync(batch, cancellationToken),
                outage =>
                {
                    if (Health.Failed(outage))
                        LogUnreachable(batch[0].First, outage.Message);
                },
                clock,
                cancellationToken);
        }
        catch (Exception failure)
        {
            EngineTracing.Fail(span, failure);
            throw;
        }

        Interlocked.Exchange(ref _trying, 0);
        if (Health.Recovered())
            LogReachableAgain(batch[0].First);
    }

    private async Task TryAppendAsync(IReadOnlyList<LogBlock> batch, CancellationToken cancellationToken)
    {
        try
        {
            using (metrics.TimeAppend())
                await journal.AppendAsync(epoch, batch, cancellationToken);
        }
        catch (JournalGapException gap) when (gap.Last < replicated.Value)
        {
            throw new JournalFellBackException(gap.Last, replicated.Value, gap);
        }
    }

    private void CountShipped(IReadOnlyList<LogBlock> batch)
    {
        var bytes = batch.Sum(block => (long)block.Encoded.Length);
        lock (_gate)
        {
            _unshippedBytes -= bytes;
            _oldest = _waiting.TryPeek(out var next) ? next.WrittenAt : batch[^1].WrittenAt;
            lag.Set(_unshippedBytes, _oldest);
        }
        metrics.CountShipped(batch.Count, bytes);
        replicated.Advance(batch[^1].Last);
    }

    [LoggerMessage(2201, LogLevel.Warning,
        "The journal is unavailable. Blocks from commit {First} onwards are waiting: {Reason}")]
    private partial void LogUnreachable(Sequence first, string reason);

    [LoggerMessage(2202, LogLevel.Information, "The journal is available again. Shipping from commit {First} onwards")]
    private partial void LogReachableAgain(Sequence first);
}
