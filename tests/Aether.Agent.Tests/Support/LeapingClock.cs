namespace Aether.Agent.Tests.Support;

/// <summary>A clock that can skip hours. Its timers follow the machine's clock.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _timer = NewSignal();  // _lock
    private long _passed;

    /// <summary>Completes at the next wait.</summary>
    public Task NextWait
    {
        get
        {
            lock (_lock)
                return _timer.Task;
        }
    }

    public override long TimestampFrequency => System.TimestampFrequency;

    /// <summary>Skips that much time.</summary>
    public void Pass(TimeSpan time) => Interlocked.Add(ref _passed, (long)(time.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _passed);

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = System.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            _timer.SetResult();
            _timer = NewSignal();
        }

        return timer;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
