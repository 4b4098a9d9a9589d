using System.Runtime.CompilerServices;
using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <summary>
/// The way of a commit from its caller to the flusher: judged, applied and put into the open block under one short
/// lock, so that the order of the log is the order of the state; and from there back to its caller.
/// </summary>
internal sealed partial class CommitPipeline : IDisposable
{
    private const int TargetBlockBytes = 4 << 20;
    private const int KeptBlocks = 4;

    // The next commits of the first of many are on their way to the journal while the others are told.
    private const int ToldAtOnce = 256;

    // A snapshot takes seconds, not milliseconds.
    private static readonly TimeSpan FullRetry = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly WorldState _world;  // _gate
    private readonly Queue<PendingBlock> _sealed = [];  // _gate
    private readonly Queue<Acknowledgement> _unreplicated = [];  // _gate: in the order of their sequences
    private readonly Stack<PendingBlock> _free = [];  // _gate
    private PendingBlock? _open;  // _gate
    private PendingBlock? _taken;  // _gate: the flusher has it
    private long _queuedBytes;  // _gate
    private bool _due;  // _gate: the open block is to be flushed now
    private bool _timed;  // _gate: the open block is to be flushed when the timer says so
    private RuntimeUnavailableException? _closed;  // _gate: why no commit is taken
    private volatile RuntimeUnavailableException? _failure;  // why nothing is acknowledged any more

    private readonly PersistenceOptions _options;
    private readonly DurabilityPolicy _durability;
    private readonly LeaseKeeper _lease;
    private readonly WriteAheadLog? _log;
    private readonly TimeProvider _clock;
    private readonly EngineMetrics _metrics;
    private readonly ITimer _flushTimer;
    private readonly Acknowledgement.Pool _acknowledgements;

    public CommitPipeline(
        PersistenceOptions options,
        DurabilityPolicy durability,
        WorldState world,
        LeaseKeeper lease,
        Sequence replicated,
        WriteAheadLog? log,
        TimeProvider clock,
        EngineMetrics metrics)
    {
        _options = options;
        _durability = durability;
        _world = world;
        _lease = lease;
        _log = log;
        _clock = clock;
        _metrics = metrics;
        _flushTimer = clock.CreateTimer(_ => FlushNow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _acknowledgements = new Acknowledgement.Pool(options.AcknowledgeInline);
        Durable = new Watermark(world.Sequence);
        Replicated = new Watermark(replicated);
        Told = new Watermark(replicated);
    }

    /// <summary>Writes the blocks; null for a world without a log.</summary>
    public LogFlusher? Flusher { private get; set; }

    /// <summary>The last commit synced.</summary>
    public Watermark Durable { get; }

    /// <summary>The last commit in the journal.</summary>
    public Watermark Replicated { get; }

    /// <summary>The last commit in the journal of which all who waited for that were told.</summary>
    public Watermark Told { get; }

    /// <summary>See <see cref="PersistenceRuntime.CommitAsync(Commit, bool, CancellationToken)"/>.</summary>
    public ValueTask<CommitResult> CommitAsync(Commit commit, bool pipelined, CancellationToken cancellationToken)
    {
        var draft = CommitDraft.Of(commit, _world.Idempotency);
        var level = _durability.LevelOf(commit);
        CommitResult result;
        Acknowledgement? waiting = null;
        bool full;
        lock (_gate)
        {
            if (_closed is not null)
                throw Again(_closed);
            var committedAt = NextCommitTime();
            if (FindRepeated(commit, draft, committedAt) is { } first)
            {
                _metrics.CountRepeated();
                result = new CommitResult(first.Sequence, first.Epoch, level, Repeated: true);
                _due |= level >= Durability.Fsync && _open is not null;
            }
            else
            {
                if (draft.HasExpectations)
                    CheckVersions(commit.Mutations, draft);
                CheckQueue(draft.Encoded.Length);
                if (_open?.Bytes + draft.Encoded.Length > TargetBlockBytes)
                    Seal();
                _world.ApplySoon(draft.Encoded, draft.Stamp(committedAt), draft.Changes, _lease.Epoch);
                result = new CommitResult(_world.Sequence, _lease.Epoch, level, Repeated: false);
                if (level >= Durability.Fsync)
                    waiting = _acknowledgements.Rent(result);
                if (_options.WalEnabled)
                    Append(draft, committedAt, waiting);
            }

            full = _sealed.Count > 0;
        }

        draft.Clear();
        if (waiting is null && full)
            Flusher!.Flush(null);
        if (waiting is null)
            return level <= Durability.Batched && _lease.MayAcknowledge
                ? Acknowledged(result)
                : AcknowledgeAsync(result, cancellationToken);

        var task = waiting.Task;
        waiting.CancelWith(cancellationToken);
        Flusher!.Flush(pipelined ? null : waiting);
        return task;
    }

    /// <summary>Reads a key; see <see cref="PersistenceRuntime.GetAsync"/>.</summary>
    public async ValueTask<StateRead> GetAsync(StateKey key, bool confirmed, CancellationToken cancellationToken)
    {
        if (confirmed)
            _durability.CheckConfirmedReads();
        StateRead read;
        lock (_gate)
        {
            ThrowIfFailed();
            read = new StateRead(_world.Store.Find(key), _world.Sequence);
        }

        if (confirmed)
        {
            FlushNow();
            await Durable.WaitForAsync(read.Value?.Version ?? read.AsOf, cancellationToken);
        }

        return read;
    }

    /// <summary>The state as of now, with what a snapshot needs beside it.</summary>
    public CapturedWorld Capture()
    {
        lock (_gate)
        {
            ThrowIfFailed();
            return new CapturedWorld(
                new StateView(_world.Sequence, _lease.Epoch, _world.Store.Digest, _world.Store.Copy()),
                _world.Idempotency.Copy(),
                _world.Idempotency.Forgotten,
                _world.CommittedAt);
        }
    }

    /// <summary>Position, keys, bytes and digest, of one moment.</summary>
    public (Sequence Sequence, int Keys, long Bytes, StateDigest Digest) Measure()
    {
        lock (_gate)
            return (_world.Sequence, _world.Store.Count, _world.Store.Bytes, _world.Store.Digest);
    }

    /// <summary>Bytes of commits that wait for the disk.</summary>
    public long QueuedBytes
    {
        get
        {
            lock (_gate)
                return Queued;
        }
    }

    /// <summary>How far the world is durable now.</summary>
    public Watermarks Watermarks
    {
        get
        {
            // In this order, so that none is ahead of the one it follows.
            var (replicated, durable) = (Replicated.Value, Durable.Value);
            return new Watermarks(Measure().Sequence, durable, replicated);
        }
    }

    /// <summary>See <see cref="PersistenceRuntime.WaitForAsync"/>.</summary>
    public async Task WaitForAsync(Sequence sequence, Durability durability, CancellationToken cancellationToken)
    {
        _durability.CheckAwaitable(durability);
        if (Measure().Sequence is var applied && sequence > applied)
            throw new InvalidCommitException(
                "sequence", $"{sequence} is of no commit yet, the last one is {applied}: wait for one that was made");

        FlushNow();
        await WaitUntilAsync(sequence, durability, cancellationToken);
    }

    /// <summary>See <see cref="PersistenceRuntime.WatchAsync"/>.</summary>
    public async IAsyncEnumerable<Watermarks> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = Watermarks;
            yield return now;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await await Task.WhenAny(
                Durable.WaitForAsync(now.Durable.Next, either.Token),
                Replicated.WaitForAsync(now.Replicated.Next, either.Token));
            await either.CancelAsync();
        }
    }

    /// <summary>Has the open block flushed without waiting for its interval.</summary>
    public void FlushNow()
    {
        lock (_gate)
        {
            _timed = false;
            _due |= _open is not null;
        }

        Flusher?.Flush(null);
    }

    /// <summary>Takes no more commits; the flusher gets what is there, and then nothing.</summary>
    public void Close(RuntimePhase phase)
    {
        lock (_gate)
            _closed ??= new RuntimeUnavailableException(phase);
        FlushNow();
    }

    /// <summary>Acknowledges nothing from now on; every wait ends with <paramref name="cause"/>.</summary>
    public void Fail(RuntimePhase phase, Exception cause)
    {
        var failure = new RuntimeUnavailableException(phase, cause);
        List<Acknowledgement> waiting = [];
        lock (_gate)
        {
            failure = _failure ??= failure;
            _closed = failure;
            foreach (var block in _sealed.Append(_open).Append(_taken).OfType<PendingBlock>())
            {
                waiting.AddRange(block.Waiting);
                block.Waiting.Clear();
            }

            waiting.AddRange(_unreplicated);
            _unreplicated.Clear();
            _sealed.Clear();
            _open = null;
        }

        // What follows those awaits must not run on this thread, which may hold a lock.
        _ = Task.Run(() => waiting.ForEach(acknowledgement => acknowledgement.Fail(Again(failure))));
        Durable.Fail(failure);
        Replicated.Fail(failure);
        Told.Fail(failure);
        _lease.Fail(failure);
        Flusher?.Flush(null);
    }

    public void Dispose() => _flushTimer.Dispose();

    private long Queued => _queuedBytes + (_open?.Bytes ?? 0);

    private IdempotencyEntry? FindRepeated(Commit commit, CommitDraft draft, DateTimeOffset now)
    {
        ref readonly var entry = ref draft.Entry;
        if (entry.KeyLength == 0)
        {
            return commit.FirstSentAfter is null
                ? null
                : throw new InvalidCommitException("firstSentAfter", "is of no use without an idempotency key");
        }

        if (_world.Idempotency.Find(entry.KeyIn(draft.Encoded), entry.KeyHash, now) is { } first)
        {
            return first.ContentHash == entry.ContentHash
                ? first
                : throw new IdempotencyConflictException(draft.IdempotencyKey, first.Sequence);
        }

        if (commit.FirstSentAfter is { } sent)
            CheckRemembered(draft.IdempotencyKey, sent);
        return null;
    }

    // A commit stands behind every place that was known before it was sent, unless it was lost with its writer.
    private void CheckRemembered(string key, LogPlace firstSentAfter)
    {
        var last = new LogPlace(_lease.Epoch, _world.Sequence);
        if (firstSentAfter.IsAfter(last))
            throw new InvalidCommitException(
                "firstSentAfter",
                $"{firstSentAfter} is beyond the last commit, {last}: it is another world's, or this one was lost. "
                + "Read what the commit changes, and decide anew");
        if (_world.Idempotency.Forgotten.IsAfter(firstSentAfter))
            throw new OutcomeUnknownException(key, firstSentAfter, _world.Idempotency.Forgotten);
    }

    // The log's times never fall, so that ages can be judged by them; a clock that is set back stands still here.
    private DateTimeOffset NextCommitTime()
    {
        var now = LogTime.Truncate(_clock.GetUtcNow());
        return now > _world.CommittedAt ? now : _world.CommittedAt;
    }

    private void CheckVersions(IReadOnlyList<Mutation> mutations, CommitDraft draft)
    {
        for (var i = 0; i < mutations.Count; i++)
        {
            if (mutations[i].ExpectedVersion is not { } expected)
                continue;
            var current = _world.Store.VersionOf(draft.Encoded, draft.Changes[i]);
            if (current != expected)
                throw new VersionMismatchException(mutations[i].Key, expected, current);
        }
    }

    private void CheckQueue(int bytes)
    {
        var queued = Queued;
        if (queued > 0 && queued + bytes > _options.MaxQueuedBytes)
            throw OverloadedException.QueueIsFull(queued, _options.MaxQueuedBytes, _options.FlushInterval);
        if (_log is not null && queued + bytes > _log.Room)
            throw OverloadedException.LogIsFull(_options.MaxLogBytes, FullRetry);
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
            throw Again(failure);
    }

    // An exception that is thrown twice would carry the stack of the one throw into the other.
    private static RuntimeUnavailableException Again(RuntimeUnavailableException reason) =>
        new(reason.Phase, reason.InnerException);
}
