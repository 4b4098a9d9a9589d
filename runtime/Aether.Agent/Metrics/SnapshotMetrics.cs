using Aether.Persistence;
using Aether.Persistence.Runtime;
using Prometheus;

namespace Aether.Agent.Metrics;

/// <summary>Gauges of the newest snapshot and of the last recovery.</summary>
internal sealed class SnapshotMetrics
{
    private readonly TimeProvider _clock;
    private readonly OptionalGauge _sequence;
    private readonly OptionalGauge _ageSeconds;
    private readonly OptionalGauge _bytes;
    private readonly OptionalGauge _lagSeconds;
    private readonly Gauge _recoveryProgress;
    private readonly OptionalGauge _recoverySeconds;
    private readonly Gauge _recoveryCommits;

    public SnapshotMetrics(IMetricFactory factory, PersistenceOptions options, TimeProvider clock)
    {
        _clock = clock;
        factory.CreateGauge("aether_agent_snapshot_interval_seconds", "Time between snapshots: spec.snapshot.interval.")
            .Set(options.SnapshotInterval.TotalSeconds);
        _sequence = new(factory, "aether_agent_snapshot_sequence", "Commit of the newest stored snapshot; 0: none.");
        _ageSeconds = new(factory, "aether_agent_snapshot_age_seconds", "Age of the newest stored snapshot.");
        _bytes = new(
            factory, "aether_agent_snapshot_bytes", "Size of the newest snapshot before compression.");
        _lagSeconds = new(
            factory,
            "aether_agent_snapshot_lag_seconds",
            "Upper bound of the time for which commits have been in no snapshot; 0: none are.");
        _recoveryProgress = factory.CreateGauge(
            "aether_agent_recovery_progress_ratio", "Progress of the recovery, from 0 to 1.");
        _recoverySeconds = new(factory, "aether_agent_recovery_seconds", "Duration of the last recovery.");
        _recoveryCommits = factory.CreateGauge(
            "aether_agent_recovery_commits",
            "Commits replayed from journal or volume, or diverged, in the last recovery.",
            ["source"]);
    }

    public void Update(RuntimeStatus status)
    {
        var last = status.LastSnapshot;
        _sequence.Set(status.SnapshotLag is null ? null : last?.Sequence.Value ?? 0);
        _ageSeconds.Set(last is null ? null : (_clock.GetUtcNow() - last.CapturedAt).TotalSeconds);
        _bytes.Set(status.LastSnapshotBytes);
        _lagSeconds.Set(status.SnapshotLag?.TotalSeconds);

        _recoveryProgress.Set(status.RecoveryProgress);
        _recoverySeconds.Set(status.Recovery?.Duration.TotalSeconds);
        if (status.Recovery is not { } recovery)
            return;
        _recoveryCommits.WithLabels("journal").Set(recovery.ReplayedFromJournal);
        _recoveryCommits.WithLabels("volume").Set(recovery.ReplayedFromVolume);
        _recoveryCommits.WithLabels("diverged").Set(recovery.Diverged);
    }
}
