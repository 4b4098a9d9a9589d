using Aether.Persistence;
using Aether.Persistence.Runtime;
using Prometheus;

namespace Aether.Agent.Metrics;

/// <summary>Gauges of the log on the volume and of its replication to the journal.</summary>
internal sealed class LogMetrics
{
    private readonly PersistenceOptions _options;
    private readonly OptionalGauge _durableSequence;
    private readonly OptionalGauge _queueBytes;
    private readonly OptionalGauge _queueLimitBytes;
    private readonly OptionalGauge _segments;
    private readonly OptionalGauge _sizeBytes;
    private readonly OptionalGauge _limitBytes;
    private readonly OptionalGauge _roomBytes;
    private readonly OptionalGauge _replicatedSequence;
    private readonly OptionalGauge _unreplicatedCommits;
    private readonly OptionalGauge _unreplicatedBytes;
    private readonly OptionalGauge _unreplicatedSeconds;
    private readonly OptionalGauge _maxLagBytes;
    private readonly OptionalGauge _maxLagSeconds;

    public LogMetrics(IMetricFactory factory, PersistenceOptions options)
    {
        _options = options;
        _durableSequence = Declare("aether_wal_durable_sequence", "The last commit synced to the volume.");
        _queueBytes = Declare("aether_wal_queue_bytes", "Bytes of commits that wait to be synced.");
        _queueLimitBytes = Declare("aether_wal_queue_limit_bytes", "Queue size beyond which commits are refused.");
        _segments = Declare("aether_wal_segments", "Segments of the log, without the spare.");
        _sizeBytes = Declare("aether_wal_size_bytes", "Size of the log on the volume.");
        _limitBytes = Declare("aether_wal_limit_bytes", "Limit of the log: spec.wal.maxBytes.");
        _roomBytes = Declare("aether_wal_room_bytes", "Bytes that can be written before segments must be dropped.");
        _replicatedSequence = Declare("aether_wal_replicated_sequence", "The last commit in the journal.");
        _unreplicatedCommits = Declare(
            "aether_agent_rpo_commits", "Acknowledged commits not in the journal: lost if the volume is.");
        _unreplicatedBytes = Declare("aether_agent_rpo_bytes", "Bytes of the commits not in the journal.");
        _unreplicatedSeconds = Declare("aether_agent_rpo_seconds", "Age of the oldest commit not in the journal.");

        _maxLagBytes = Declare(
            "aether_wal_max_lag_bytes", "Lag in bytes beyond which commits wait: spec.wal.maxLag.bytes.");
        _maxLagSeconds = Declare(
            "aether_wal_max_lag_seconds", "Lag in seconds beyond which commits wait: spec.wal.maxLag.time.");

        OptionalGauge Declare(string name, string help) => new(factory, name, help);
    }

    public void Update(RuntimeStatus status)
    {
        var log = status.Log;
        _durableSequence.Set(log is null ? null : status.Durable.Value);
        _queueBytes.Set(log?.Queued);
        _queueLimitBytes.Set(log is null ? null : _options.MaxQueuedBytes);
        _segments.Set(log?.Segments);
        _sizeBytes.Set(log?.Bytes);
        _limitBytes.Set(log is null ? null : _options.MaxLogBytes);
        _roomBytes.Set(log?.Room);

        var unreplicated = status.RecoveryPoint;
        _replicatedSequence.Set(unreplicated is null ? null : status.Replicated.Value);
        _unreplicatedCommits.Set(unreplicated?.Commits);
        _unreplicatedBytes.Set(unreplicated?.Bytes);
        _unreplicatedSeconds.Set(unreplicated?.Age.TotalSeconds);
        _maxLagBytes.Set(
            unreplicated is null || _options.MaxLagBytes == long.MaxValue ? null : _options.MaxLagBytes);
        _maxLagSeconds.Set(
            unreplicated is null || _options.MaxLagTime == TimeSpan.MaxValue ? null : _options.MaxLagTime.TotalSeconds);
    }
}
