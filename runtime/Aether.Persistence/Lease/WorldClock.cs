namespace Aether.Persistence.Lease;

/// <summary>
/// The time by two clocks: the lease store's, read when the lease was taken and advanced by the monotonic clock, and
/// this machine's own. Data that is deleted by age is stamped with the later time and judged by the earlier one. So if
/// one clock is wrong or jumps, data only appears younger than it is (ADR 0013).
/// </summary>
internal sealed class WorldClock(TimeProvider clock, DateTimeOffset openedAt, long openedTimestamp)
{
    /// <summary>A lower bound of the time, unless both clocks are ahead.</summary>
    public DateTimeOffset Earliest => Read() is var (store, own) && store < own ? store : own;

    /// <summary>An upper bound of the time, unless both clocks are behind.</summary>
    public DateTimeOffset Latest => Read() is var (store, own) && store > own ? store : own;

    private (DateTimeOffset Store, DateTimeOffset Own) Read() =>
        (openedAt + clock.GetElapsedTime(openedTimestamp), clock.GetUtcNow());
}
