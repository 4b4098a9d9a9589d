namespace Aether.Persistence.Snapshots;

/// <summary>Decides which snapshots stay, and how much of the log they make unnecessary.</summary>
internal static class Retention
{
    /// <summary>
    /// Plans retention at time <paramref name="now"/>, for snapshots given newest first. Those in
    /// <paramref name="damaged"/>, which recovery could not use, do not count, nor do those with a format that no
    /// reader accepts: a damaged footer does not even tell the time.
    /// </summary>
    public static RetentionPlan Plan(
        IReadOnlyList<SnapshotManifest> newestFirst,
        IReadOnlyList<SnapshotManifest> damaged,
        PersistenceOptions options,
        DateTimeOffset now)
    {
        List<SnapshotManifest> usable =
        [
            .. newestFirst.Where(manifest =>
                manifest.FormatVersion == SnapshotWriter.FormatVersion && !damaged.Contains(manifest)),
        ];
        List<SnapshotManifest> kept;
        Sequence floor;
        if (options.RecoveryWindow == TimeSpan.Zero)
        {
            // A single snapshot might turn out to be damaged, so the log must not depend on it alone.
            kept = [.. usable.Take(options.MaxSnapshots)];
            floor = kept.Count >= Math.Min(2, options.MaxSnapshots) ? kept.Min(OfSequence) : Sequence.None;
        }
        else
        {
            var thinning = new WindowThinning(usable, options.RecoveryWindow, options.MaxSnapshots, now);
            kept = thinning.Kept;
            floor = thinning.Base is null ? Sequence.None : kept.Min(OfSequence);
        }

        return new RetentionPlan(kept, [.. Surplus(newestFirst, usable, kept, options.MaxSnapshots)], floor);
    }

    /// <summary>
    /// The last commit that the volume need not hold any more. With a journal: the last commit that is both in the
    /// journal and in the newest snapshot; only the journal serves the recovery window. Without a journal, recovery
    /// needs the log to fall back on an older snapshot.
    /// </summary>
    public static Sequence LogFloor(Sequence floor, Sequence newest, bool hasJournal, Sequence replicated) =>
        !hasJournal ? floor : newest < replicated ? newest : replicated;

    /// <summary>
    /// As <see cref="RetentionPlan.Floor"/>, for a log without a journal that is still large: it keeps the commits
    /// since the newest snapshot but one only. A full log accepts no commit, so no new snapshot would ever push the
    /// oldest ones out.
    /// </summary>
    public static Sequence FloorOfLargeLog(RetentionPlan plan) =>
        plan.Kept.Count > 1 ? plan.Kept.Take(2).Min(OfSequence) : plan.Floor;

    // A damaged snapshot is deleted once it is older than all kept ones and their number has reached the limit.
    private static IEnumerable<SnapshotManifest> Surplus(
        IReadOnlyList<SnapshotManifest> newestFirst,
        List<SnapshotManifest> usable,
        List<SnapshotManifest> kept,
        int maxSnapshots) => kept.Count < maxSnapshots
        ? []
        : newestFirst
            .SkipWhile(manifest => manifest != kept[^1])
            .Skip(1)
            .Union(usable.Except(kept));

    private static Sequence OfSequence(SnapshotManifest manifest) => manifest.Sequence;
}
