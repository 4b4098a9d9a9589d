namespace Aether.Agent.Tests.Support;

/// <summary>A clock on which hours pass at once. Its timers do not notice; they go by the machine's.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _timer = NewSignal();  // _lock
    private long _passed;

    /// <summary>Completes when somebody starts to wait, from now on.</summary>
    public Task NextWait
    {
        get
        {
            lock (_lock)
                return _timer.Task;
        }
    }

    public override long TimestampFrequency => System.TimestampFrequency;

    /// <summary>Lets that much time pass.</summary>
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
