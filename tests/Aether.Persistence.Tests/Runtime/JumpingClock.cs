using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>A machine's clock: its time of day can be set, while timers and timestamps are unaffected.</summary>
internal sealed class JumpingClock(FakeTimeProvider steady) : TimeProvider
{
    /// <summary>How far the time of day is ahead of the true time.</summary>
    public TimeSpan Ahead { get; set; }

    public override long TimestampFrequency => steady.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => steady.GetUtcNow() + Ahead;

    public override long GetTimestamp() => steady.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        steady.CreateTimer(callback, state, dueTime, period);
}
