namespace Aether.Agent.Tests.Support;

/// <summary>
/// A wall clock that jumps, which a test cannot make the machine's own clock do. Timers and timestamps follow the
/// monotonic clock, as they do when an administrator or NTP sets the time.
/// </summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + new TimeSpan(Volatile.Read(ref _offset));

    /// <summary>Sets the difference to the machine's time.</summary>
    public void Set(TimeSpan offset) => Volatile.Write(ref _offset, offset.Ticks);
}
