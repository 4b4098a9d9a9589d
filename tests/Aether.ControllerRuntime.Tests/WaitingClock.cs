using Microsoft.Extensions.Time.Testing;

namespace Aether.ControllerRuntime.Tests;

/// <summary>
/// A clock that a test advances once a thread waits on it. However slow other threads are, none of them observes more
/// elapsed time than the test intends.
/// </summary>
internal sealed class WaitingClock : FakeTimeProvider
{
    private readonly Lock _gate = new();

    // Guarded by _gate: how many timers of each length were created and not yet awaited by the test.
    private readonly Dictionary<TimeSpan, int> _set = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until a timer of that length is created, one per call, and advances past it.</summary>
    public async Task AdvanceAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        while (!TryTake(wait, out var changed))
            await changed.WaitAsync(cancellationToken);
        Advance(wait);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_gate)
        {
            _set[dueTime] = _set.GetValueOrDefault(dueTime) + 1;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return timer;
    }

    private bool TryTake(TimeSpan wait, out Task changed)
    {
        lock (_gate)
        {
            changed = _changed.Task;
            if (_set.GetValueOrDefault(wait) == 0)
                return false;
            _set[wait]--;
            return true;
        }
    }
}
