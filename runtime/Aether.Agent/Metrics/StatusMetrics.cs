using Aether.Persistence;
using Prometheus;

namespace Aether.Agent.Metrics;

/// <summary>The state of the world and of its agent, read from the engine at each scrape.</summary>
internal sealed class StatusMetrics
{
    private readonly TimeProvider _clock;
    private readonly Gauge _phase;
    private readonly Gauge _epoch;
    private readonly Gauge _sequence;
    private readonly Gauge _durableSequence;
    private readonly Gauge _replicatedSequence;
    private readonly Gauge _keys;
    private readonly Gauge _stateBytes;
    private readonly Gauge _unreplicatedCommits;
    private readonly Gauge _unreplicatedBytes;
    private readonly Gauge _unreplicatedSeconds;
    private readonly Gauge _snapshotSequence;
    private readonly Gauge _snapshotAgeSeconds;
    private readonly Gauge _recoverySeconds;
    private readonly Gauge _recoveryCommits;
    private readonly Gauge _backendHealthy;

    public StatusMetrics(IMetricFactory factory, TimeProvider clock)
    {
        _clock = clock;
        _phase = factory.CreateGauge(
            "aether_agent_phase", "1 for the phase the agent is in, 0 for the others.", ["phase"]);
        _epoch = factory.CreateGauge("aether_agent_epoch", "Epoch this agent writes under; 0 before it has one.");
        _sequence = factory.CreateGauge("aether_agent_sequence", "The last commit applied.");
        _durableSequence = factory.CreateGauge("aether_wal_durable_sequence", "The last commit synced to the volume.");
        _replicatedSequence = factory.CreateGauge("aether_wal_replicated_sequence", "The last commit in the journal.");
        _keys = factory.CreateGauge("aether_agent_state_keys", "Keys in the state.");
        _stateBytes = factory.CreateGauge("aether_agent_state_bytes", "Bytes of all keys and values.");
        _unreplicatedCommits = factory.CreateGauge(
            "aether_agent_rpo_commits", "Commits that would be lost with this volume: not in the journal yet.");
        _unreplicatedBytes = factory.CreateGauge("aether_agent_rpo_bytes", "Bytes of those commits in the log.");
        _unreplicatedSeconds = factory.CreateGauge("aether_agent_rpo_seconds", "Age of the oldest of those commits.");
        _snapshotSequence = factory.CreateGauge(
            "aether_agent_snapshot_sequence", "Sequence of the newest snapshot stored; 0: none.");
        _snapshotAgeSeconds = factory.CreateGauge(
            "aether_agent_snapshot_age_seconds", "Age of the newest snapshot stored; NaN: none.");
        _recoverySeconds = factory.CreateGauge(
            "aether_agent_recovery_seconds", "How long the last recovery took; NaN: not recovered yet.");
        _recoveryCommits = factory.CreateGauge(
            "aether_agent_recovery_commits",
            "Commits of the last recovery, by where they came from or went.",
            ["source"]);
        _backendHealthy = factory.CreateGauge(
            "aether_agent_backend_healthy", "Whether the last use of a backend succeeded.", ["backend"]);
    }

    /// <summary>Takes over what the engine says now.</summary>
    public void Update(RuntimeStatus status)
    {
        foreach (var phase in Enum.GetValues<RuntimePhase>())
            _phase.WithLabels(phase.ToString()).Set(phase == status.Phase ? 1 : 0);
        _epoch.Set(status.Epoch.Value);
        _sequence.Set(status.Sequence.Value);
        _durableSequence.Set(status.Durable.Value);
        _replicatedSequence.Set(status.Replicated.Value);
        _keys.Set(status.Keys);
        _stateBytes.Set(status.StateBytes);
        _unreplicatedCommits.Set(status.RecoveryPoint?.Commits ?? 0);
        _unreplicatedBytes.Set(status.RecoveryPoint?.Bytes ?? 0);
        _unreplicatedSeconds.Set(status.RecoveryPoint?.Age.TotalSeconds ?? 0);
        _snapshotSequence.Set(status.LastSnapshot?.Sequence.Value ?? 0);
        _snapshotAgeSeconds.Set(
            status.LastSnapshot is { } last ? (_clock.GetUtcNow() - last.CapturedAt).TotalSeconds : double.NaN);
        _recoverySeconds.Set(status.Recovery?.Duration.TotalSeconds ?? double.NaN);
        _recoveryCommits.WithLabels("journal").Set(status.Recovery?.ReplayedFromJournal ?? 0);
        _recoveryCommits.WithLabels("volume").Set(status.Recovery?.ReplayedFromVolume ?? 0);
        _recoveryCommits.WithLabels("diverged").Set(status.Recovery?.Diverged ?? 0);
        foreach (var backend in status.Backends)
            _backendHealthy.WithLabels(backend.Name).Set(backend.Healthy ? 1 : 0);
    }
}
