namespace Aether.Persistence.Snapshots;

/// <summary>
/// Thins the snapshots of a world with a recovery window: at most the allowed number stays, and the window always
/// begins shortly after a kept snapshot (ADR 0013).
/// </summary>
/// <remarks>
/// Posts are snapshots at least one spacing apart, counted from the oldest: few enough that all posts in the window can
/// be kept, and close enough that one of them soon becomes older than the window. The base is the newest post that is
/// older than the window. No point in the window needs commits before the base; without a base every commit is needed.
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

    /// <summary>The newest post that is older than the window; null if no post certainly is.</summary>
    public SnapshotManifest? Base { get; }

    /// <summary>The snapshots to keep, newest first.</summary>
    public List<SnapshotManifest> Kept { get; }

    /// <summary>
    /// Minimal distance of two posts: besides the newest snapshot and the base, the posts of a whole window must fit.
    /// </summary>
    public static TimeSpan SpacingOf(TimeSpan window, int maxSnapshots) =>
        TimeSpan.FromTicks((window.Ticks + maxSnapshots - 3) / (maxSnapshots - 2));

    // A jump of the clock, forward or back, counts as distance, so snapshots on both sides of it are separate posts.
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

        // More posts than the allowed number exist only if clocks jumped or the policy changed.
        while (kept.Count > maxSnapshots)
            kept.RemoveAt(FindLeastMissed(kept));
        return kept;
    }

    // Deletes the lowest rank first. Among the snapshots older than the base, posts are deleted last, because later
    // posts are counted from them.
    private int? RankOf(SnapshotManifest manifest)
    {
        var isPost = _posts.Contains(manifest);
        if (Base is not null && _newestFirst.IndexOf(manifest) > _newestFirst.IndexOf(Base))
            return isPost ? 1 : 0;
        return isPost ? null : 2;
    }

    // Measures distance in commits, because a recovery replays commits, and no clock can change their number.
    private static int FindLeastMissed(List<SnapshotManifest> kept) => Enumerable.Range(1, kept.Count - 2)
        .Reverse()
        .MinBy(index => kept[index - 1].Sequence.Value - kept[index + 1].Sequence.Value);
}
