using Microsoft.Extensions.Time.Testing;

namespace Aether.ControllerRuntime.Tests;

/// <summary>
/// A clock that a test advances once somebody waits for it: however long other threads take, none finds that more time
/// has passed than was meant.
/// </summary>
internal sealed class WaitingClock : FakeTimeProvider
{
    private readonly Lock _gate = new();

    // _gate: how many timers of each length were set, and not waited for by the test yet.
    private readonly Dictionary<TimeSpan, int> _set = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until a timer of that length is set, one for each call, and lets its time pass.</summary>
    public async Task PassAsync(TimeSpan wait, CancellationToken cancellationToken)
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
