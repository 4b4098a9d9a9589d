using System.Diagnostics;
using Aether.Benchmarks.Harness;

namespace Aether.Benchmarks.Tests;

[Trait("Kind", "Unit")]
public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5, 5_000)]
    [InlineData(0.99, 9_900)]
    [InlineData(1, 10_000)]
    public void The_error_of_a_quantile_is_at_most_the_width_of_a_bucket(double share, double microseconds)
    {
        var histogram = new LatencyHistogram();

        for (var latency = 1; latency <= 10_000; latency++)
            histogram.Record(Ticks(latency));

        Assert.InRange(histogram.Quantile(share), microseconds * 0.984, microseconds * 1.016);
    }

    [Fact]
    public void Histograms_can_be_added()
    {
        var fast = new LatencyHistogram();
        var slow = new LatencyHistogram();
        fast.Record(Ticks(10));
        fast.Record(Ticks(10));
        slow.Record(Ticks(1_000));

        fast.Add(slow);

        Assert.InRange(fast.Quantile(0.5), 9.8, 10.2);
        Assert.InRange(fast.Quantile(0.99), 984, 1_016);
    }

    [Fact]
    public void An_empty_histogram_has_no_latency()
    {
        var empty = new LatencyHistogram();

        Assert.Equal(0, empty.Quantile(0.99));
    }

    private static long Ticks(long microseconds) => microseconds * Stopwatch.Frequency / 1_000_000;
}
