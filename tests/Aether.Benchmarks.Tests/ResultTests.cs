using Aether.Benchmarks.Harness;

namespace Aether.Benchmarks.Tests;

[Trait("Kind", "Unit")]
public sealed class ResultTests
{
    [Theory]
    [InlineData(new double[] { 30, 10, 20 }, 20)]
    [InlineData(new double[] { 30, 10, 20, 40 }, 25)]
    [InlineData(new double[] { 7 }, 7)]
    public void A_result_is_the_median_of_its_runs_and_their_range(double[] speeds, double median)
    {
        var result = Of("aether", speeds);

        Assert.Equal(median, result.OpsPerSecond);
        Assert.Equal(speeds.Min(), result.Slowest);
        Assert.Equal(speeds.Max(), result.Fastest);
    }

    [Theory]
    [InlineData(85, true)]
    [InlineData(84, false)]
    public void A_target_compares_the_ratio_to_the_peer(double ours, bool met)
    {
        var target = Target.Speed("aether", 0.85, "raw");

        var ratio = target.Figure([Of("aether", [ours]), Of("raw", [100])]);

        Assert.Equal(met, target.IsMet(ratio));
    }

    private static Result Of(string system, double[] speeds) =>
        new(system, [.. speeds.Select(speed => new Measurement { OpsPerSecond = speed, P50 = 1, P99 = 2 })]);
}
