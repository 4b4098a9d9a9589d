using Aether.Persistence.Commits;
using Prometheus;

namespace Aether.Persistence;

/// <summary>
/// What the engine counts and times. What is a state and not an event stands in <see cref="RuntimeStatus"/>.
/// </summary>
public sealed class EngineMetrics
{
    // 50 µs to 3 s: a good disk syncs in well under a millisecond, a bad one in seconds.
    private static readonly double[] SyncSeconds = Histogram.ExponentialBuckets(0.00005, 2, 17);

    private static readonly string[] DurabilityLabel = ["durability"];
    private static readonly string[] ReasonLabel = ["reason"];

    private readonly Dictionary<Durability, Counter.Child> _commits;
    private readonly Counter _rejections;
    private readonly Histogram _append;
    private readonly Histogram _ship;
    private readonly Histogram _snapshot;
    private readonly Counter _walBlocks;
    private readonly Counter _walBytes;
    private readonly Counter _journalBlocks;
    private readonly Counter _journalBytes;

    /// <summary>Declares the instruments in <paramref name="factory"/>.</summary>
    public EngineMetrics(IMetricFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        var commits = factory.CreateCounter(
            "aether_commits_total", "Commits acknowledged, by durability.", DurabilityLabel);
        _commits = Enum.GetValues<Durability>()
            .ToDictionary(level => level, level => commits.WithLabels(level.ToString()));
        _rejections = factory.CreateCounter(
            "aether_commit_rejections_total", "Commits refused, by reason.", ReasonLabel);
        _append = factory.CreateHistogram(
            "aether_wal_append_seconds",
            "Time to write and sync one block.",
            new HistogramConfiguration { Buckets = SyncSeconds });
        _ship = factory.CreateHistogram("aether_journal_append_seconds", "Time of one append to the journal.");
        _snapshot = factory.CreateHistogram(
            "aether_snapshot_seconds", "Time from the capture of a snapshot to its end.");
        _walBlocks = factory.CreateCounter("aether_wal_blocks_total", "Blocks synced to the volume.");
        _walBytes = factory.CreateCounter("aether_wal_bytes_total", "Bytes synced to the volume.");
        _journalBlocks = factory.CreateCounter("aether_journal_blocks_total", "Blocks stored in the journal.");
        _journalBytes = factory.CreateCounter("aether_journal_bytes_total", "Bytes stored in the journal.");
    }

    internal void CountCommit(Durability durability) => _commits[durability].Inc();

    /// <summary>Counts commits of Fsync and Replicated that were acknowledged together.</summary>
    internal void CountCommits(List<Acknowledgement> acknowledged)
    {
        var replicated = 0;
        foreach (var acknowledgement in acknowledged)
            replicated += acknowledgement.Result.Durability == Durability.Replicated ? 1 : 0;
        _commits[Durability.Replicated].Inc(replicated);
        _commits[Durability.Fsync].Inc(acknowledged.Count - replicated);
    }

    internal void CountRejection(CommitRejectedException rejection) => _rejections.WithLabels(rejection switch
    {
        InvalidCommitException => "Invalid",
        VersionMismatchException => "VersionMismatch",
        IdempotencyConflictException => "IdempotencyConflict",
        OverloadedException => "Overloaded",
        _ => "DurabilityUnavailable",
    }).Inc();

    internal void CountSynced(long bytes, TimeSpan duration)
    {
        _append.Observe(duration.TotalSeconds);
        _walBlocks.Inc();
        _walBytes.Inc(bytes);
    }

    internal IDisposable TimeAppend() => _ship.NewTimer();

    internal void CountShipped(int blocks, long bytes)
    {
        _journalBlocks.Inc(blocks);
        _journalBytes.Inc(bytes);
    }

    internal IDisposable TimeSnapshot() => _snapshot.NewTimer();
}
