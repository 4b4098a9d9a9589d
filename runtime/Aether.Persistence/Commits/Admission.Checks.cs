using Aether.Persistence.Codec;
using Aether.Persistence.State;

namespace Aether.Persistence.Commits;

/// <content>The checks of a commit. All of them run while the caller's thread holds the queue's gate.</content>
internal sealed partial class Admission
{
    private IdempotencyEntry? FindRepeated(Commit commit, CommitDraft draft, DateTimeOffset now)
    {
        ref readonly var entry = ref draft.Entry;
        if (entry.KeyLength == 0)
        {
            return commit.FirstSentAfter is null
                ? null
                : throw new InvalidCommitException("firstSentAfter", "requires an idempotency key");
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

    // A commit comes after every place that its sender knew before sending it, unless that place was lost with its
    // writer.
    private void CheckRemembered(string key, LogPlace firstSentAfter)
    {
        var last = new LogPlace(_lease.Epoch, _world.Sequence);
        if (firstSentAfter.IsAfter(last))
            throw new InvalidCommitException(
                "firstSentAfter",
                $"{firstSentAfter} is beyond the last commit, {last}: it belongs to another world, or it was lost. "
                + "Read the keys that the commit changes, and decide again");
        if (_world.Idempotency.Forgotten.IsAfter(firstSentAfter))
            throw new OutcomeUnknownException(key, firstSentAfter, _world.Idempotency.Forgotten);
    }

    // Times in the log never decrease, so that ages can be computed from them. If the clock is set back, commits keep
    // the time of the last commit until the clock has caught up.
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

    private void CheckRoom(int bytes)
    {
        var queued = _queue.Bytes;
        if (queued > 0 && queued + bytes > _options.MaxQueuedBytes)
            throw OverloadedException.QueueIsFull(queued, _options.MaxQueuedBytes, _options.FlushInterval);
        if (_log is not null && queued + bytes > _log.Room)
            throw _log.Shortage is { } shortage
                ? OverloadedException.VolumeIsFull(shortage, FullRetry)
                : OverloadedException.LogIsFull(_options.MaxLogBytes, FullRetry);
        if (_lag.IsFarBeyond)
            throw OverloadedException.JournalIsBehind(_lag.Bytes, _options.MaxLagBytes, FullRetry);
    }
}
