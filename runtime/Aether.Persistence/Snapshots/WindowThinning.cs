namespace Aether.Persistence.Snapshots;

/// <summary>
/// Thins the snapshots of a world with a recovery window, so that the window stays covered from a snapshot on that is
/// not much older than it, with no more snapshots than asked for (ADR 0013).
/// </summary>
/// <remarks>
/// Posts are snapshots that stand at least a spacing apart, counted from the oldest on: so few that all in the window
/// find room, so many that the next one to leave the window is never far. The base is the newest post that is older
/// than the window. Commits before the base are needed by nobody, and without a base every commit is.
/// </remarks>
internal sealed class WindowThinning
{
    private readonly List<SnapshotManifest> _newestFirst;
    private readonly HashSet<SnapshotManifest> _posts;

    public WindowThinning(
        IReadOnlyList<SnapshotManifest> newestFirst, TimeSpan window, int maxSnapshots, DateTimeOffset now)
    {
        _newestFirst = [.. newestFirst];
        _posts = FindPosts(SpacingOf(window, maxSnapshots));
        Base = _newestFirst.Skip(1).FirstOrDefault(
            manifest => _posts.Contains(manifest) && now - manifest.CapturedAt >= window);
        Kept = Thin(maxSnapshots);
    }

    /// <summary>The newest post that is older than the window; null if none surely is.</summary>
    public SnapshotManifest? Base { get; }

    /// <summary>The snapshots that stay, newest first.</summary>
    public List<SnapshotManifest> Kept { get; }

    /// <summary>
    /// How far apart posts are: beside the newest snapshot and the base there is room for as many as the window holds.
    /// </summary>
    public static TimeSpan SpacingOf(TimeSpan window, int maxSnapshots) =>
        TimeSpan.FromTicks((window.Ticks + maxSnapshots - 3) / (maxSnapshots - 2));

    // A jump of the clock, back or forth, is a distance like any other: what it parts is not taken for one.
    private HashSet<SnapshotManifest> FindPosts(TimeSpan spacing)
    {
        var posts = new HashSet<SnapshotManifest>();
        SnapshotManifest? last = null;
        foreach (var manifest in Enumerable.Reverse(_newestFirst))
        {
            if (last is not null && (manifest.CapturedAt - last.CapturedAt).Duration() < spacing)
                continue;
            posts.Add(manifest);
            last = manifest;
        }

        return posts;
    }

    private List<SnapshotManifest> Thin(int maxSnapshots)
    {
        var kept = _newestFirst.ToList();
        var oldestFirst = Enumerable.Reverse(kept.Skip(1))
            .Where(manifest => RankOf(manifest) is not null)
            .OrderBy(RankOf)
            .Take(Math.Max(0, kept.Count - maxSnapshots))
            .ToHashSet();
        kept.RemoveAll(oldestFirst.Contains);

        // Only where clocks jumped or the policy changed are there more posts than have room.
        while (kept.Count > maxSnapshots)
            kept.RemoveAt(FindLeastMissed(kept));
        return kept;
    }

    // Which go first. Among those older than the base a post outlasts the others: the next posts are counted from it.
    private int? RankOf(SnapshotManifest manifest)
    {
        var isPost = _posts.Contains(manifest);
        if (Base is not null && _newestFirst.IndexOf(manifest) > _newestFirst.IndexOf(Base))
            return isPost ? 1 : 0;
        return isPost ? null : 2;
    }

    // By commits, which are what is replayed, and which no clock can move.
    private static int FindLeastMissed(List<SnapshotManifest> kept) => Enumerable.Range(1, kept.Count - 2)
        .Reverse()
        .MinBy(index => kept[index - 1].Sequence.Value - kept[index + 1].Sequence.Value);
}
