namespace Aether.Persistence.Tests.Runtime;

public sealed class CoarseTimeProviderTests
{
    // The slowest tick a kernel can be built with, 10 ms, and what a clock that is being set may do meanwhile.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void Its_time_is_the_systems_and_a_tick_old_at_most()
    {
        var coarse = new CoarseTimeProvider();

        var before = TimeProvider.System.GetUtcNow();
        var time = coarse.GetUtcNow();
        var after = TimeProvider.System.GetUtcNow();

        Assert.InRange(time, before - Tick, after);
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }
}
