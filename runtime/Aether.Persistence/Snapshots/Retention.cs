namespace Aether.Persistence.Snapshots;

/// <summary>How much of the log the snapshots make dispensable.</summary>
internal static class Retention
{
    /// <summary>
    /// What is kept at time <paramref name="now"/>, of snapshots given newest first of which recovery found some
    /// <paramref name="damaged"/>. Nor does one count that no reader takes by now: of a damaged footer not even the
    /// time is known.
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
            // While there is only one, nothing may depend on it alone.
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
    /// The last commit that the volume must not hold any more. With a journal: what is both in it and in the newest
    /// snapshot; the recovery window is the journal's alone. Without one the log is all there is to fall back with.
    /// </summary>
    public static Sequence LogFloor(Sequence floor, Sequence newest, bool hasJournal, Sequence replicated) =>
        !hasJournal ? floor : newest < replicated ? newest : replicated;

    /// <summary>
    /// As <see cref="RetentionPlan.Floor"/>, for a log without a journal that is large still: it reaches back to the
    /// newest snapshot but one only. A full one takes no commit that would make the oldest ones go.
    /// </summary>
    public static Sequence FloorOfLargeLog(RetentionPlan plan) =>
        plan.Kept.Count > 1 ? plan.Kept.Take(2).Min(OfSequence) : plan.Floor;

    // A damaged one goes when it is older than all that are kept, and as many are kept as may be.
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
