using Aether.Persistence.Journal;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>Checks that a recovered state holds everything that the world's stores say it must.</summary>
internal static class Completeness
{
    /// <summary>Compares a replayed state with the ends of journal and log and with the skipped snapshots.</summary>
    /// <exception cref="RecoveryException">
    /// Commits are missing, or the state differs from the recorded state.
    /// </exception>
    public static void Check(LoadedWorld loaded, JournalHead? head, StoredLog? log, bool hasVolume)
    {
        var world = loaded.World;
        CheckSkipped(world, loaded.Skipped, hasVolume);
        if (head is null)
            return;

        if (world.Sequence < head.Last)
            Refuse($"the journal ends with commit {head.Last}, but its blocks only lead to commit {world.Sequence}");
        if (world.Sequence == head.Last && world.Store.Digest != head.Digest)
            Refuse($"the journal records digest {head.Digest} for commit {head.Last}, "
                + $"the state has {world.Store.Digest}");

        // Commits that the journal lacks will be shipped from the log, so the log must hold all of them.
        var shippable = log?.End is { } end && end.Last == world.Sequence && log.First <= head.Last.Next;
        if (world.Sequence > head.Last && !shippable)
            Refuse($"the journal ends with commit {head.Last}, a snapshot reaches commit {world.Sequence}, and the "
                + "volume does not hold the commits in between");
    }

    private static void CheckSkipped(WorldState world, IReadOnlyList<SkippedSnapshot> skipped, bool hasVolume)
    {
        if (skipped is not [var first, ..])
            return;
        var reason = first.Reason.TrimEnd('.');
        var newest = skipped.Max(snapshot => snapshot.Manifest.Sequence);
        if (hasVolume && world.Sequence < newest)
            Refuse($"the snapshot of commit {newest} is damaged ({reason}), and everything else ends with "
                + $"commit {world.Sequence}");
        if (world.Sequence == Sequence.None)
            Refuse("none of its snapshots can be used, and there is no log from the first commit on; the newest "
                + $"snapshot: {reason}");
    }

    private static void Refuse(string reason) => throw new RecoveryException(
        $"The recovered state is incomplete: {reason}. Restore the affected store from a backup, or attach "
        + "the world's own volume again.");
}
