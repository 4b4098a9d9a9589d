using Aether.Persistence.Contracts;
using Prometheus;

namespace Aether.Agent.Metrics;

/// <summary>
/// Counters and histograms of the agent itself; gauges of its state are in <see cref="StatusMetrics"/>.
/// </summary>
internal sealed class AgentMetrics
{
    private static readonly double[] CommitSeconds =
    [
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ];

    private readonly Histogram.Child[] _commitSeconds;  // by Durability
    private readonly Gauge _commitStreams;
    private readonly Gauge _eventSubscriptions;
    private readonly Gauge _readers;
    private readonly Counter _readersEnded;

    public AgentMetrics(IMetricFactory factory)
    {
        var commitSeconds = factory.CreateHistogram(
            "aether_agent_commit_seconds",
            "Time from the arrival of a commit to its acknowledgement, by durability.",
            ["durability"],
            new HistogramConfiguration { Buckets = CommitSeconds });
        var levels = Enum.GetValues<Durability>();
        _commitSeconds = new Histogram.Child[(int)levels.Max() + 1];
        foreach (var level in levels)
            _commitSeconds[(int)level] = commitSeconds.WithLabels(level.ToString());
        _commitStreams = factory.CreateGauge("aether_agent_commit_streams", "Open commit streams.");
        _eventSubscriptions = factory.CreateGauge(
            "aether_agent_event_subscriptions", "Open event subscriptions.");
        _readers = factory.CreateGauge(
            "aether_agent_readers", "Clients that are reading the whole state or a part of it.");
        _readersEnded = factory.CreateCounter(
            "aether_agent_readers_ended_total", "Readers that were refused, or were ended because they had not read.",
            ["reason"]);
        foreach (var reason in Enum.GetNames<ReaderEnd>())
            _readersEnded.WithLabels(reason);
    }

    public void ObserveCommit(Durability durability, TimeSpan elapsed) =>
        _commitSeconds[(int)durability].Observe(elapsed.TotalSeconds);

    /// <summary>Counts a commit stream as open until disposed.</summary>
    public IDisposable TrackCommitStream() => _commitStreams.TrackInProgress();

    /// <summary>Counts a reader of the state as open until disposed.</summary>
    public IDisposable TrackReader() => _readers.TrackInProgress();

    /// <summary>Counts a reader that did not get the whole answer.</summary>
    public void CountEndedReader(ReaderEnd reason) => _readersEnded.WithLabels(reason.ToString()).Inc();

    /// <summary>Counts a subscription as open until disposed.</summary>
    public IDisposable TrackEventSubscription() => _eventSubscriptions.TrackInProgress();
}
