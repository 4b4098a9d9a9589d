namespace Aether.Client;

/// <summary>The remaining retries of one call.</summary>
internal sealed class RetryBudget(RetryPolicy policy, TimeProvider clock, CancellationToken disposal)
{
    private readonly long _started = clock.GetTimestamp();
    private TimeSpan _wait = policy.FirstWait;

    /// <summary>Waits until the next attempt is due; returns false if the deadline would be over by then.</summary>
    /// <exception cref="ObjectDisposedException">The world was disposed meanwhile.</exception>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(_started) + _wait > policy.Deadline)
            return false;

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, disposal);
        try
        {
            await Task.Delay(_wait, clock, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Refusal.Disposed();
        }

        _wait = TimeSpan.FromTicks(Math.Min(_wait.Ticks * 2, policy.LongestWait.Ticks));
        return true;
    }
}
