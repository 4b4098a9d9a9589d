using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <summary>
/// The first step of a commit: checks the commit, applies it to the state and adds it to the open block, under one
/// short lock; then has the block flushed. Thread-safe.
/// </summary>
/// <remarks>
/// Everything that can fail comes first: between the commit's sequence and its place in the open block nothing is
/// allocated. If something fails there nevertheless, the writer ends, so that no commit is ever acknowledged behind a
/// gap in the log (docs/adr/0023).
/// </remarks>
internal sealed partial class Admission
{
    // Only a snapshot makes room, and that takes seconds rather than milliseconds.
    private static readonly TimeSpan FullRetry = TimeSpan.FromSeconds(1);

    private readonly PersistenceOptions _options;
    private readonly StateLimits _limits;
    private readonly DurabilityPolicy _durability;
    private readonly WorldState _world;  // _queue.Gate
    private readonly BlockQueue _queue;
    private readonly WriteAheadLog? _log;
    private readonly LogFlusher? _flusher;
    private readonly Acknowledger _acknowledger;
    private readonly Acknowledgement.Pool _acknowledgements;
    private readonly LeaseKeeper _lease;
    private readonly JournalLag _lag;
    private readonly TimeProvider _clock;
    private readonly EngineMetrics _metrics;
    private readonly Action<Exception> _endWriter;

    /// <param name="options">Limits of commits, of the state and of the queue.</param>
    /// <param name="durability">Determines the durability of a commit.</param>
    /// <param name="world">The state.</param>
    /// <param name="queue">Takes the commits; its gate guards them and the state.</param>
    /// <param name="log">Tells how much room the log has; null for a world without a log.</param>
    /// <param name="flusher">Flushes the commits; null for a world without a log.</param>
    /// <param name="acknowledger">Answers commits that wait for no block.</param>
    /// <param name="lease">Knows this writer's epoch.</param>
    /// <param name="lag">Tells whether the journal is too far behind for more commits.</param>
    /// <param name="clock">Gives each commit its time.</param>
    /// <param name="metrics">Counts repeated commits.</param>
    /// <param name="endWriter">Ends the writer if a commit may be in the state and not in the log.</param>
    public Admission(
        PersistenceOptions options,
        DurabilityPolicy durability,
        WorldState world,
        BlockQueue queue,
        WriteAheadLog? log,
        LogFlusher? flusher,
        Acknowledger acknowledger,
        LeaseKeeper lease,
        JournalLag lag,
        TimeProvider clock,
        EngineMetrics metrics,
        Action<Exception> endWriter)
    {
        _options = options;
        _limits = new StateLimits(options);
        _durability = durability;
        _world = world;
        _queue = queue;
        _log = log;
        _flusher = flusher;
        _acknowledger = acknowledger;
        _acknowledgements = new Acknowledgement.Pool(options.AcknowledgeInline, options.Memory);
        _lease = lease;
        _lag = lag;
        _clock = clock;
        _metrics = metrics;
        _endWriter = endWriter;
    }

    /// <summary>See <see cref="Runtime.PersistenceRuntime.CommitAsync(Commit, bool, CancellationToken)"/>.</summary>
    public ValueTask<CommitResult> CommitAsync(Commit commit, bool pipelined, CancellationToken cancellationToken)
    {
        Acknowledgement? unplaced = null;
        var (judged, placed) = (false, false);
        try
        {
            CommitDraft draft;
            Durability level;
            Place place;
            using (SurvivableAllocations.Enter())
            {
                draft = CommitDraft.Of(commit, _world.Idempotency);
                level = _durability.LevelOf(commit);
                if (level >= Durability.Fsync)
                    unplaced = RentAcknowledgement(cancellationToken);
                judged = true;
                place = FindPlace(commit, draft, level, unplaced);
            }

            placed = true;
            draft.Clear();
            if (unplaced is { } waiting && !place.Result.Repeated)
            {
                unplaced = null;
                var task = waiting.Task;
                if (pipelined)
                    _flusher!.Wake();
                else
                    _flusher!.FlushFor(waiting);
                return task;
            }

            unplaced?.Discard();
            unplaced = null;
            if (place.StartsInterval)
                _flusher!.FlushLater();
            if (place.IsDue)
                _flusher!.Wake();
            return _acknowledger.AcknowledgeAsync(place.Result, cancellationToken);
        }
        catch (Exception exception)
        {
            // The commit has, or may have, a place in the log that no block will ever fill. End the writer, so that no
            // commit after that gap is acknowledged.
            if (placed || _queue.IsBroken || (judged && !IsRefusal(exception)))
                _endWriter(exception);
            unplaced?.Discard();
            if (exception is OutOfMemoryException && !placed && !_queue.IsBroken)
                throw OverloadedException.OutOfMemory(FullRetry);
            throw;
        }
    }

    // Exceptions that mean: the commit got no place in the log and changed nothing.
    private static bool IsRefusal(Exception exception) =>
        exception is CommitRejectedException or RuntimeUnavailableException or OutOfMemoryException;

    private Acknowledgement RentAcknowledgement(CancellationToken cancellationToken)
    {
        var acknowledgement = _acknowledgements.Rent(default);
        acknowledgement.Span = EngineTracing.Current;
        acknowledgement.CancelWith(cancellationToken);
        return acknowledgement;
    }

    // Checks a commit and gives it its place in the log, or finds the place of its first attempt.
    private Place FindPlace(
        Commit commit, CommitDraft draft, Durability level, Acknowledgement? waiting)
    {
        lock (_queue.Gate)
        {
            _queue.CheckOpen();
            var committedAt = NextCommitTime();
            if (FindRepeated(commit, draft, committedAt) is { } first)
            {
                _metrics.CountRepeated();
                var isWaitedFor = level >= Durability.Fsync;
                if (isWaitedFor)
                    _queue.MakeDue();
                return new Place(
                    new CommitResult(first.Sequence, first.Epoch, level, Repeated: true),
                    IsDue: isWaitedFor || _queue.HasSealed,
                    StartsInterval: false);
            }

            if (draft.HasExpectations)
                CheckVersions(commit.Mutations, draft);
            _limits.Check(_world, draft);
            CheckRoom(draft.Encoded.Length);
            Reserve(draft, level);

            // While this is true, an exception leaves the queue broken: the state would hold a commit that the block
            // lacks.
            _queue.IsPlacing = true;
            _world.ApplySoon(draft.Encoded, draft.Stamp(committedAt), draft.Changes, _lease.Epoch);
            var result = new CommitResult(_world.Sequence, _lease.Epoch, level, Repeated: false);
            if (waiting is not null)
                waiting.Result = result;
            var startsInterval = _log is not null && _queue.Append(draft.Encoded, committedAt, waiting);
            _queue.IsPlacing = false;
            return new Place(result, IsDue: _queue.HasSealed, startsInterval);
        }
    }

    // Under the queue's gate: allocates everything that the commit needs until its acknowledgement. If an allocation
    // fails here, nothing has changed yet.
    private void Reserve(CommitDraft draft, Durability level)
    {
        if (_log is not null)
            _queue.Reserve(draft.Encoded.Length);
        _world.Reserve(draft.Encoded, draft.Entry, draft.Changes);
        if (level >= Durability.Replicated)
            _acknowledger.ReserveReplicated();
    }

    // The commit's result, whether a block is due now, and whether this commit starts the flush interval of its block.
    private readonly record struct Place(CommitResult Result, bool IsDue, bool StartsInterval);
}
