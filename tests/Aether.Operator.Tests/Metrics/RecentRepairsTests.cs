using Aether.Operator.Kinds;
using Aether.Operator.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Operator.Tests.Metrics;

/// <summary>One repair may be an accident; a second one within an hour points to another automation.</summary>
[Trait("Kind", "Unit")]
public sealed class RecentRepairsTests
{
    private static readonly TimeSpan AlmostAnHour = TimeSpan.FromMinutes(59);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Each_repair_within_an_hour_of_another_counts_as_repeated()
    {
        var repairs = new RecentRepairs(_clock);

        var answers = new List<bool>();
        for (var i = 0; i < 3; i++)
        {
            answers.Add(repairs.Remember("a", StoreName.Redis));
            _clock.Advance(AlmostAnHour);
        }

        Assert.Equal([false, true, true], answers);
    }

    [Fact]
    public void Repair_after_more_than_an_hour_counts_as_the_first()
    {
        var repairs = new RecentRepairs(_clock);

        repairs.Remember("a", StoreName.Redis);
        _clock.Advance(TimeSpan.FromMinutes(61));

        Assert.False(repairs.Remember("a", StoreName.Redis));
    }

    [Fact]
    public void Repairs_of_different_worlds_or_stores_are_counted_separately()
    {
        var repairs = new RecentRepairs(_clock);

        repairs.Remember("a", StoreName.Redis);

        Assert.False(repairs.Remember("b", StoreName.Redis));
        Assert.False(repairs.Remember("a", StoreName.Nats));
    }

    [Fact]
    public async Task Repeated_repair_of_several_objects_counts_the_repetition_once()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var metrics = new OperatorMetrics(Prometheus.Metrics.WithCustomRegistry(registry), _clock);

        metrics.DriftRepaired(StoreName.Redis, "a", 3);
        metrics.DriftRepaired(StoreName.Redis, "a", 2);

        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        var scrape = System.Text.Encoding.UTF8.GetString(text.ToArray());
        Assert.Contains("aether_operator_drifts_repaired_total{store=\"Redis\"} 5\n", scrape, StringComparison.Ordinal);
        Assert.Contains("aether_operator_drifts_repeated_total{store=\"Redis\"} 1\n", scrape, StringComparison.Ordinal);
    }
}
