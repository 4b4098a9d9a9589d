using Aether.Client;

namespace Aether.Agent.Tests.Api;

[Trait("Kind", "Unit")]
public sealed class RetryPolicyTests
{
    private static readonly TimeSpan TooShort = TimeSpan.FromTicks(1);

    [Fact]
    public void Retry_times_below_their_minimum_are_refused_by_the_name_of_the_field()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(RetryPolicy.Deadline), () => new RetryPolicy { Deadline = -TooShort });
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(RetryPolicy.FirstWait), () => new RetryPolicy { FirstWait = TooShort });
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(RetryPolicy.LongestWait), () => new RetryPolicy { LongestWait = TooShort });
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(AetherWorldOptions.ReadyTimeout), () => new AetherWorldOptions { ReadyTimeout = -TooShort });
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(AetherWorldOptions.SilenceLimit),
            () => new AetherWorldOptions { SilenceLimit = TimeSpan.FromSeconds(8) - TooShort });
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(AetherWorldOptions.SilenceLimit),
            () => new AetherWorldOptions { SilenceLimit = TimeSpan.FromDays(1) + TooShort });
    }
}
