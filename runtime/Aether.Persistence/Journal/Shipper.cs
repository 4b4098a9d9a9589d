using System.Threading.Channels;
using Aether.Persistence.Commits;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Journal;

/// <summary>
/// Brings synced blocks into the journal, in order, as many at once as wait. What it may not keep in memory during a
/// long outage it reads from the log again.
/// </summary>
internal sealed partial class Shipper(
    IJournal journal,
    WriteAheadLog log,
    CommitPipeline pipeline,
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
    private long _unshippedBytes;  // _gate
    private bool _readsLog;  // _gate: blocks are missing from the queue
    private Sequence _last = pipeline.Replicated.Value;  // _gate: the last block offered
    private DateTimeOffset _oldest;  // _gate: when the oldest unshipped block was written, or somewhat earlier

    public BackendHealth Health { get; } = new("journal");

    /// <summary>Tells of blocks that the log holds from before, beyond the end of the journal.</summary>
    public void OfferLog(Sequence last, long bytes, DateTimeOffset oldest)
    {
        lock (_gate)
        {
            _last = last;
            _readsLog = true;
            _unshippedBytes = bytes;
            _oldest = oldest;
        }
        _work.Writer.TryWrite(true);
    }

    /// <summary>Tells of a block that was synced; keeps a copy of it, if anything.</summary>
    public void Offer(LogBlock block)
    {
        lock (_gate)
        {
            if (_unshippedBytes == 0)
                _oldest = block.WrittenAt;
            _last = block.Last;
            _unshippedBytes += block.Encoded.Length;
            _readsLog |= _waitingBytes + block.Encoded.Length > options.MaxUnshippedBytes;
            if (!_readsLog)
            {
                _waiting.Enqueue(block with { Encoded = block.Encoded.ToArray() });
                _waitingBytes += block.Encoded.Length;
            }
        }
        _work.Writer.TryWrite(true);
    }

    /// <summary>Bytes that are not in the journal, and how long the oldest of them has not been.</summary>
    public (long Bytes, TimeSpan Age) Measure()
    {
        lock (_gate)
            return (_unshippedBytes, _unshippedBytes == 0 ? TimeSpan.Zero : clock.GetUtcNow() - _oldest);
    }

    /// <summary>Ships until cancelled.</summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    public async Task RunAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var batch in WaitingBatches())
            {
                var append = AppendAsync(epoch, batch, cancellationToken);

                // Those whose commits it has already make their next ones while it takes these.
                bool left;
                do
                    left = pipeline.TellReplicated(flushHere: false);
                while (left && !append.IsCompleted);
                await append;
                Shipped(batch);
            }

            if (!pipeline.TellReplicated(flushHere: true))
                await _work.Reader.ReadAsync(cancellationToken);
        }
    }

    private IEnumerable<List<LogBlock>> WaitingBatches()
    {
        while (TakeQueued() is { Count: > 0 } batch)
            yield return batch;

        while (IsBehind())
        {
            var batch = new List<LogBlock>();
            var bytes = 0;
            foreach (var block in log.ReadAfter(pipeline.Replicated.Value))
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

    private async Task AppendAsync(Epoch epoch, List<LogBlock> batch, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (true)
        {
            try
            {
                using (metrics.TimeAppend())
                    await journal.AppendAsync(epoch, batch, cancellationToken);
                if (Health.Recovered())
                    LogReachableAgain(batch[0].First);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                if (Health.Failed(exception))
                    LogUnreachable(batch[0].First, exception.Message);
                await backoff.WaitAsync(cancellationToken);
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
        }
        metrics.CountShipped(batch.Count, bytes);
        pipeline.Replicated.Advance(batch[^1].Last);
    }

    [LoggerMessage(2201, LogLevel.Warning, "The journal does not answer; blocks from commit {First} on wait: {Reason}")]
    private partial void LogUnreachable(Sequence first, string reason);

    [LoggerMessage(2202, LogLevel.Information, "The journal answers again; shipping from commit {First} on")]
    private partial void LogReachableAgain(Sequence first);
}
