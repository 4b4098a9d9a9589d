using System.Globalization;

namespace Aether.Persistence.Tests.Runtime;

public sealed class CoarseTimeProviderTests
{
    // The slowest tick of a kernel is 10 ms; the rest allows for a clock that is being adjusted.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void Coarse_time_is_the_systems_and_at_most_a_tick_old()
    {
        var coarse = new CoarseTimeProvider();

        var before = TimeProvider.System.GetUtcNow();
        var time = coarse.GetUtcNow();
        var after = TimeProvider.System.GetUtcNow();

        Assert.InRange(time, before - Tick, after);
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Fact]
    public void Coarse_timestamps_count_from_boot_and_include_the_time_suspended()
    {
        var clock = new CoarseTimeProvider();

        var before = Uptime();
        var timestamp = (double)clock.GetTimestamp() / clock.TimestampFrequency;
        var after = Uptime();

        Assert.InRange(timestamp, before, after + Tick.TotalSeconds);
    }

    // proc(5): including the time spent in suspend, in hundredths of a second, truncated.
    private static double Uptime() =>
        double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
}
