namespace Aether.ControllerRuntime.Tests.Queueing;

[Trait("Kind", "Unit")]
public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 2.5, 5)]
    [InlineData(2, 5, 10)]
    [InlineData(4, 20, 40)]
    [InlineData(17, 150_000, 300_000)]
    [InlineData(5000, 150_000, 300_000)]
    public void A_delay_lies_between_half_of_its_power_of_two_and_all_of_it(int failures, double least, double most)
    {
        var shortest = After(failures, () => 0);
        var longest = After(failures, () => 0.9999999);

        Assert.Equal(least, shortest.TotalMilliseconds, tolerance: 0.1);
        Assert.Equal(most, longest.TotalMilliseconds, tolerance: 0.1);
    }

    private static TimeSpan After(int failures, RandomSource random) =>
        new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(5), random).After(failures);
}
