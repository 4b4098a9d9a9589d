using Aether.Persistence;
using Prometheus;

namespace Aether.Agent.Metrics;

/// <summary>What the agent counts and times itself; what is a state stands in <see cref="StatusMetrics"/>.</summary>
internal sealed class AgentMetrics
{
    private readonly Histogram _commitSeconds;
    private readonly Gauge _commitStreams;
    private readonly Gauge _eventSubscriptions;

    public AgentMetrics(IMetricFactory factory)
    {
        _commitSeconds = factory.CreateHistogram(
            "aether_agent_commit_seconds",
            "From the arrival of a commit to its acknowledgement, by the durability reached.",
            ["durability"],
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0001, 2, 17) });
        _commitStreams = factory.CreateGauge("aether_agent_commit_streams", "Commit streams that are open.");
        _eventSubscriptions = factory.CreateGauge(
            "aether_agent_event_subscriptions", "Event subscriptions that are open.");
    }

    public void ObserveCommit(Durability durability, TimeSpan elapsed) =>
        _commitSeconds.WithLabels(durability.ToString()).Observe(elapsed.TotalSeconds);

    /// <summary>Counts a commit stream as open until disposed.</summary>
    public IDisposable TrackCommitStream() => _commitStreams.TrackInProgress();

    /// <summary>Counts a subscription as open until disposed.</summary>
    public IDisposable TrackEventSubscription() => _eventSubscriptions.TrackInProgress();
}
