using System.Runtime.CompilerServices;
using Aether.Persistence.Journal;
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
    private readonly Stack<PendingBlock> _free = new(KeptBlocks);  // _gate
    private PendingBlock? _open;  // _gate
    private PendingBlock? _next;  // _gate: made ready to be opened
    private int _awaitReplicated;  // _gate: acknowledgements that are or will be in _unreplicated
    private PendingBlock? _taken;  // _gate: the flusher has it
    private long _queuedBytes;  // _gate
    private bool _placing;  // _gate: a commit has its sequence, and is not in a block yet
    private bool _due;  // _gate: the open block is to be flushed now
    private bool _timed;  // _gate: the open block is to be flushed when the timer says so
    private RuntimeUnavailableException? _closed;  // _gate: why no commit is taken
    private volatile RuntimeUnavailableException? _failure;  // why nothing is acknowledged any more
    private volatile bool _ended;  // nothing is acknowledged any more; set before _failure, which has to be allocated

    private readonly PersistenceOptions _options;
    private readonly StateLimits _limits;
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
        _limits = new StateLimits(options);
        Lag = new JournalLag(options, clock);
        _durability = durability;
        _world = world;
        _lease = lease;
        _log = log;
        _clock = clock;
        _metrics = metrics;
        _flushTimer = clock.CreateTimer(_ => FlushOnTime(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _acknowledgements = new Acknowledgement.Pool(options.AcknowledgeInline, options.Memory);
        Durable = new Watermark(world.Sequence);
        Replicated = new Watermark(replicated);
        Told = new Watermark(replicated);
    }

    /// <summary>Writes the blocks; null for a world without a log.</summary>
    public LogFlusher? Flusher { private get; set; }

    /// <summary>Ends the writer for a failure that nobody else would see; called without any lock held.</summary>
    public Action<Exception> EndWriter { private get; set; } = _ => { };

    /// <summary>How far the journal is behind.</summary>
    public JournalLag Lag { get; }

    /// <summary>The last commit synced.</summary>
    public Watermark Durable { get; }

    /// <summary>The last commit in the journal.</summary>
    public Watermark Replicated { get; }

    /// <summary>The last commit in the journal of which all who waited for that were told.</summary>
    public Watermark Told { get; }

    /// <summary>See <see cref="Runtime.PersistenceRuntime.CommitAsync(Commit, bool, CancellationToken)"/>.</summary>
    /// <remarks>
    /// Whatever can fail comes first: once the commit has its sequence nothing is allocated until it stands in the open
    /// block. Should something fail there all the same, the writer ends, so that no commit is ever acknowledged behind
    /// a gap in the log (docs/adr/0023).
    /// </remarks>
    public ValueTask<CommitResult> CommitAsync(Commit commit, bool pipelined, CancellationToken cancellationToken)
    {
        Acknowledgement? unplaced = null;
        var (judged, placed) = (false, false);
        try
        {
            CommitDraft draft;
            Durability level;
            CommitResult result;
            bool full;
            using (SurvivableAllocations.Enter())
            {
                draft = CommitDraft.Of(commit, _world.Idempotency);
                level = _durability.LevelOf(commit);
                if (level >= Durability.Fsync)
                    unplaced = RentAcknowledgement(cancellationToken);
                judged = true;
                (result, full) = Place(commit, draft, level, unplaced);
            }

            placed = true;
            draft.Clear();
            if (unplaced is { } waiting && !result.Repeated)
            {
                unplaced = null;
                var task = waiting.Task;
                Flusher!.Flush(pipelined ? null : waiting);
                return task;
            }

            unplaced?.Discard();
            unplaced = null;
            if (full)
                Flusher!.Flush(null);
            return level <= Durability.Batched && _lease.MayAcknowledge && !Lag.IsBeyond
                ? Acknowledged(result)
                : AcknowledgeAsync(result, cancellationToken);
        }
        catch (Exception exception)
        {
            // Its block may never be flushed, or it is a gap, or nobody knows: nothing may be acknowledged behind it.
            if (placed || IsBroken || (judged && !IsRefusal(exception)))
                EndWriter(exception);
            unplaced?.Discard();
            if (exception is OutOfMemoryException && !placed && !IsBroken)
                throw OverloadedException.OutOfMemory(FullRetry);
            throw;
        }
    }

    /// <summary>Reads a key; see <see cref="Runtime.PersistenceRuntime.GetAsync"/>.</summary>
    public async ValueTask<StateRead> GetAsync(StateKey key, bool confirmed, CancellationToken cancellationToken)
    {
        if (confirmed)
            _durability.CheckConfirmedReads();
        ThrowIfFailed();
        var read = Read(world => new StateRead(world.Store.Find(key), world.Sequence));

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
        ThrowIfFailed();
        return Read(world => new CapturedWorld(
            new StateView(world.Sequence, _lease.Epoch, world.Store.Digest, world.Store.Copy()),
            world.Idempotency.Copy(),
            world.Idempotency.Forgotten,
            world.CommittedAt));
    }

    /// <summary>Position, keys, bytes and digest, of one moment.</summary>
    public (Sequence Sequence, int Keys, long Bytes, StateDigest Digest) Measure() => Read(
        static world => (world.Sequence, world.Store.Count, world.Store.Bytes, world.Store.Digest));

    /// <summary>Bytes of memory that the state takes, or somewhat more.</summary>
    public long MeasureMemory() => Read(static world => world.MostMemoryBytes);

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

    /// <summary>See <see cref="Runtime.PersistenceRuntime.WaitForAsync"/>.</summary>
    public async Task WaitForAsync(Sequence sequence, Durability durability, CancellationToken cancellationToken)
    {
        _durability.CheckAwaitable(durability);
        if (Measure().Sequence is var applied && sequence > applied)
            throw new InvalidCommitException(
                "sequence", $"{sequence} is of no commit yet, the last one is {applied}: wait for one that was made");

        FlushNow();
        await WaitUntilAsync(sequence, durability, cancellationToken);
    }

    /// <summary>See <see cref="Runtime.PersistenceRuntime.WatchAsync"/>.</summary>
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
        // First, and without allocating anything: from here on nothing is acknowledged, whatever becomes of the rest.
        _ended = true;
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

        // Never run other callers' continuations on this thread, which may hold a lock.
        _ = Task.Run(() => FailAll(waiting, failure));
        Durable.Fail(failure);
        Replicated.Fail(failure);
        Told.Fail(failure);
        _lease.Fail(failure);
        Lag.Fail(failure);
        Flusher?.Flush(null);
    }

    public void Dispose() => _flushTimer.Dispose();

    private long Queued => _queuedBytes + (_open?.Bytes ?? 0);

    // Reads the world under the lock.
    private T Read<T>(Func<WorldState, T> read)
    {
        try
        {
            lock (_gate)
                return read(_world);
        }
        catch (Exception exception)
        {
            // To read applies delayed changes: if that fails, the state is of no use any more.
            if (IsBroken)
                EndWriter(exception);
            throw;
        }
    }

    // Whether a commit is in the state and not in the log, or there by half. No thread commits or flushes any more
    // from then on, also before the writer has ended.
    private bool IsBroken => _placing || _world.IsBroken;

    private static void FailAll(List<Acknowledgement> waiting, RuntimeUnavailableException failure)
    {
        foreach (var acknowledgement in waiting)
            acknowledgement.Fail(Again(failure));
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
            throw Again(failure);
    }

    private void FlushOnTime()
    {
        try
        {
            FlushNow();
        }
        catch (Exception exception)
        {
            // Nobody else would flush these commits, nor see the exception.
            EndWriter(exception);
        }
    }

    // An exception that is thrown twice would carry the stack of the one throw into the other.
    private static RuntimeUnavailableException Again(RuntimeUnavailableException reason) =>
        new(reason.Phase, reason.InnerException);
}
