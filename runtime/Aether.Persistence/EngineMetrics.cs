using Aether.Persistence.Contracts;
using Prometheus;

namespace Aether.Persistence;

/// <summary>
/// Counters and histograms of the engine. Current values, as opposed to events, are in
/// <see cref="Runtime.RuntimeStatus"/>. docs/metrics.md lists all metrics.
/// </summary>
public sealed class EngineMetrics
{
    // 50 µs to 3 s: a good disk syncs in well under a millisecond, a bad one in seconds.
    private static readonly double[] SyncSeconds = Histogram.ExponentialBuckets(0.00005, 2, 17);

    // 0.5 ms to 16 s: from a server in the same rack to a server that is about to time out.
    private static readonly double[] ShipSeconds = Histogram.ExponentialBuckets(0.0005, 2, 16);

    // 10 ms to 5 min: from a small world to gigabytes.
    private static readonly double[] SnapshotSeconds = Histogram.ExponentialBuckets(0.01, 2, 16);

    // Exemplars are off: looking for the current trace would cost each commit time.
    private static readonly CounterConfiguration WithoutTraces =
        new() { ExemplarBehavior = ExemplarBehavior.NoExemplars() };

    private static readonly string[] DurabilityLabel = ["durability"];
    private static readonly string[] ReasonLabel = ["reason"];

    private readonly Counter.Child[] _commits;  // by Durability
    private readonly Counter _rejections;
    private readonly Counter _idempotencyHits;
    private readonly Histogram _append;
    private readonly Histogram _sync;
    private readonly Histogram _ship;
    private readonly Histogram _snapshot;
    private readonly Counter _failedSnapshots;
    private readonly Counter _walBlocks;
    private readonly Counter _walBytes;
    private readonly Counter _journalBlocks;
    private readonly Counter _journalBytes;

    /// <summary>Declares the instruments in <paramref name="factory"/>.</summary>
    public EngineMetrics(IMetricFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        var commits = factory.CreateCounter(
            "aether_commits_total",
            "Commits acknowledged, by durability.",
            DurabilityLabel,
            WithoutTraces);
        var levels = Enum.GetValues<Durability>();
        _commits = new Counter.Child[(int)levels.Max() + 1];
        foreach (var level in levels)
            _commits[(int)level] = commits.WithLabels(level.ToString());
        _rejections = factory.CreateCounter(
            "aether_commit_rejections_total", "Commits refused, by reason.", ReasonLabel);
        foreach (var reason in Enum.GetNames<RejectionReason>())
            _rejections.WithLabels(reason);
        _idempotencyHits = factory.CreateCounter(
            "aether_idempotency_hits_total", "Repeated commits that were recognised by their idempotency key.");
        _append = CreateHistogram("aether_wal_append_seconds", "Time to write and sync one block.", SyncSeconds);
        _sync = CreateHistogram("aether_wal_sync_seconds", "Time to sync one block, once written.", SyncSeconds);
        _ship = CreateHistogram("aether_journal_append_seconds", "Time of one append to the journal.", ShipSeconds);
        _snapshot = CreateHistogram(
            "aether_snapshot_seconds", "Time from the capture of a snapshot to its end; failures are not counted.",
            SnapshotSeconds);
        _failedSnapshots = factory.CreateCounter(
            "aether_snapshot_failures_total", "Snapshots that failed.");
        _walBlocks = factory.CreateCounter("aether_wal_blocks_total", "Blocks synced to the volume.");
        _walBytes = factory.CreateCounter("aether_wal_bytes_total", "Bytes synced to the volume.");
        _journalBlocks = factory.CreateCounter("aether_journal_blocks_total", "Blocks stored in the journal.");
        _journalBytes = factory.CreateCounter("aether_journal_bytes_total", "Bytes stored in the journal.");

        Histogram CreateHistogram(string name, string help, double[] buckets) =>
            factory.CreateHistogram(name, help, new HistogramConfiguration { Buckets = buckets });
    }

    private enum RejectionReason
    {
        Invalid,
        VersionMismatch,
        IdempotencyConflict,
        OutcomeUnknown,
        Overloaded,
        StateFull,
        DurabilityUnavailable,
    }

    internal void CountCommit(Durability durability) => _commits[(int)durability].Inc();

    /// <summary>Counts commits at Fsync and Replicated that were acknowledged together.</summary>
    internal void CountCommits(int fsync, int replicated)
    {
        _commits[(int)Durability.Replicated].Inc(replicated);
        _commits[(int)Durability.Fsync].Inc(fsync);
    }

    internal void CountRejection(CommitRejectedException rejection) => _rejections.WithLabels((rejection switch
    {
        InvalidCommitException => RejectionReason.Invalid,
        VersionMismatchException => RejectionReason.VersionMismatch,
        IdempotencyConflictException => RejectionReason.IdempotencyConflict,
        OutcomeUnknownException => RejectionReason.OutcomeUnknown,
        OverloadedException { Field: not null } => RejectionReason.StateFull,
        OverloadedException => RejectionReason.Overloaded,
        _ => RejectionReason.DurabilityUnavailable,
    }).ToString()).Inc();

    internal void CountRepeated() => _idempotencyHits.Inc();

    internal void CountSynced(long bytes, TimeSpan append, TimeSpan sync)
    {
        _append.Observe(append.TotalSeconds);
        _sync.Observe(sync.TotalSeconds);
        _walBlocks.Inc();
        _walBytes.Inc(bytes);
    }

    internal IDisposable TimeAppend() => _ship.NewTimer();

    internal void CountShipped(int blocks, long bytes)
    {
        _journalBlocks.Inc(blocks);
        _journalBytes.Inc(bytes);
    }

    internal void CountSnapshot(TimeSpan duration) => _snapshot.Observe(duration.TotalSeconds);

    internal void CountFailedSnapshot() => _failedSnapshots.Inc();
}
