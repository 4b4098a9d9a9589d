using Aether.Agent.Settings;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Prometheus;

namespace Aether.Agent.Metrics;

/// <summary>
/// The state of the world and of its agent, read from the engine at each scrape. Unknown values are absent;
/// docs/metrics.md lists all metrics.
/// </summary>
internal sealed class StatusMetrics
{
    private readonly Gauge _phase;
    private readonly Gauge _epoch;
    private readonly Gauge _sequence;
    private readonly Gauge _keys;
    private readonly Gauge _stateBytes;
    private readonly Gauge _stateMemoryBytes;
    private readonly Gauge _backendHealthy;
    private readonly LogMetrics _log;
    private readonly SnapshotMetrics _snapshots;
    private readonly VolumeMetrics _volume;

    public StatusMetrics(
        IMetricFactory factory, AgentOptions options, TimeProvider clock, VolumeMetrics volume)
    {
        factory.CreateGauge("aether_agent_info", "Always 1; the labels describe the agent.", ["version", "class"])
            .WithLabels(AgentVersion.Text, options.Class.ToString())
            .Set(1);
        _phase = factory.CreateGauge(
            "aether_agent_phase", "1 for the current phase of the agent, else 0.", ["phase"]);
        _epoch = factory.CreateGauge("aether_agent_epoch", "Epoch under which the agent writes; 0 before it has one.");
        _sequence = factory.CreateGauge("aether_agent_sequence", "The last commit applied.");
        _keys = factory.CreateGauge("aether_agent_state_keys", "Keys in the state.");
        _stateBytes = factory.CreateGauge("aether_agent_state_bytes", "Bytes of all keys and values.");
        _stateMemoryBytes = factory.CreateGauge(
            "aether_agent_state_memory_bytes", "Memory that the state takes.");
        factory.CreateGauge(
            "aether_agent_state_memory_limit_bytes",
            "Limit of the state's memory, about half of the agent's: beyond it commits are refused.")
            .Set(options.Engine.MaxStateMemoryBytes);
        if (options.Engine.MaxStateBytes < long.MaxValue)
        {
            factory.CreateGauge(
                "aether_agent_state_quota_bytes",
                "Limit of the state's bytes, spec.quota.stateBytes: beyond it commits are refused.")
                .Set(options.Engine.MaxStateBytes);
        }

        _backendHealthy = factory.CreateGauge(
            "aether_agent_backend_healthy", "1 while the last use of the backend succeeded, else 0.", ["backend"]);
        _log = new LogMetrics(factory, options.Engine);
        _snapshots = new SnapshotMetrics(factory, options.Engine, clock);
        _volume = volume;
    }

    /// <summary>Sets the gauges to the engine's present status.</summary>
    public void Update(RuntimeStatus status)
    {
        foreach (var phase in Enum.GetValues<RuntimePhase>())
            _phase.WithLabels(phase.ToString()).Set(phase == status.Phase ? 1 : 0);
        _epoch.Set(status.Epoch.Value);
        _sequence.Set(status.Sequence.Value);
        _keys.Set(status.Keys);
        _stateBytes.Set(status.StateBytes);
        _stateMemoryBytes.Set(status.StateMemoryBytes);
        foreach (var backend in status.Backends)
            _backendHealthy.WithLabels(backend.Name).Set(backend.Healthy ? 1 : 0);
        _log.Update(status);
        _snapshots.Update(status);
        _volume.Update(status);
    }
}
