namespace Aether.Persistence.Lease;

/// <summary>
/// What time it is, by two clocks: the lease store's, read when the lease was taken and carried on by the monotonic
/// clock, and this machine's own. What is dropped by age is stamped by the later and judged by the earlier one, so that
/// one of them being wrong, or jumping, only makes it look younger than it is (ADR 0013).
/// </summary>
internal sealed class WorldClock(TimeProvider clock, DateTimeOffset openedAt, long openedTimestamp)
{
    /// <summary>It is no earlier than this, unless both clocks are ahead.</summary>
    public DateTimeOffset Earliest => Read() is var (store, own) && store < own ? store : own;

    /// <summary>It is no later than this, unless both clocks are behind.</summary>
    public DateTimeOffset Latest => Read() is var (store, own) && store > own ? store : own;

    private (DateTimeOffset Store, DateTimeOffset Own) Read() =>
        (openedAt + clock.GetElapsedTime(openedTimestamp), clock.GetUtcNow());
}
