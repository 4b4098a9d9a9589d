using Aether.Persistence.Codec;
using Aether.Persistence.State;

namespace Aether.Persistence.Commits;

/// <content>How a commit is judged, and gets its place in the log.</content>
internal sealed partial class CommitPipeline
{
    // Judges a commit and gives it its place, or finds the place it has already. Tells, too, whether a block is full.
    private (CommitResult Result, bool Full) Place(
        Commit commit, CommitDraft draft, Durability level, Acknowledgement? waiting)
    {
        lock (_gate)
        {
            if (_closed is not null)
                throw Again(_closed);
            if (_ended || IsBroken)
                throw new RuntimeUnavailableException(RuntimePhase.Failed);
            var committedAt = NextCommitTime();
            if (FindRepeated(commit, draft, committedAt) is { } first)
            {
                _metrics.CountRepeated();
                _due |= level >= Durability.Fsync && _open is not null;
                return (new CommitResult(first.Sequence, first.Epoch, level, Repeated: true), _sealed.Count > 0);
            }

            if (draft.HasExpectations)
                CheckVersions(commit.Mutations, draft);
            _limits.Check(_world, draft);
            CheckQueue(draft.Encoded.Length);
            if (_open?.Bytes + draft.Encoded.Length > TargetBlockBytes)
                Seal();
            Reserve(draft, level);

            // Nothing may fail before it is reset.
            _placing = true;
            _world.ApplySoon(draft.Encoded, draft.Stamp(committedAt), draft.Changes, _lease.Epoch);
            var result = new CommitResult(_world.Sequence, _lease.Epoch, level, Repeated: false);
            if (waiting is not null)
                waiting.Result = result;
            if (_options.WalEnabled)
                Append(draft, committedAt, waiting);
            _placing = false;
            return (result, _sealed.Count > 0);
        }
    }

    // What a commit may end with before it has a place, with nothing changed.
    private static bool IsRefusal(Exception exception) =>
        exception is CommitRejectedException or RuntimeUnavailableException or OutOfMemoryException;

    private Acknowledgement RentAcknowledgement(CancellationToken cancellationToken)
    {
        var acknowledgement = _acknowledgements.Rent(default);
        acknowledgement.CancelWith(cancellationToken);
        return acknowledgement;
    }

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
            throw _log.Shortage is { } shortage
                ? OverloadedException.VolumeIsFull(shortage, FullRetry)
                : OverloadedException.LogIsFull(_options.MaxLogBytes, FullRetry);
        if (Lag.IsFarBeyond)
            throw OverloadedException.JournalIsBehind(Lag.Bytes, _options.MaxLagBytes, FullRetry);
    }
}
