namespace Aether.Persistence;

/// <summary>
/// Waits between attempts: exponential from 100 ms to 2 s, each shortened by a random part, so that the agents of many
/// worlds do not retry in step.
/// </summary>
public sealed class Backoff(TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private TimeSpan _next = Shortest;

    /// <summary>Starts again with the shortest wait.</summary>
    public void Reset() => _next = Shortest;

    /// <summary>Waits, and makes the next wait longer.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = _next * (0.5 + (Random.Shared.NextDouble() / 2));
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return Task.Delay(wait, clock, cancellationToken);
    }

    /// <summary>Repeats an attempt until its store answers. Any other exception ends the repetition.</summary>
    /// <param name="attempt">Called again after each <see cref="StoreUnavailableException"/>.</param>
    /// <param name="onUnavailable">
    /// Called for each such exception, before the wait. If this callback throws, the repetition ends.
    /// </param>
    /// <param name="clock">Measures the waits.</param>
    /// <param name="cancellationToken">
    /// Cancels a wait between two attempts; each attempt has to observe the token itself.
    /// </param>
    public static async Task<T> RetryAsync<T>(
        Func<Task<T>> attempt,
        Action<StoreUnavailableException> onUnavailable,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        ArgumentNullException.ThrowIfNull(onUnavailable);
        var backoff = new Backoff(clock);
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (StoreUnavailableException exception)
            {
                onUnavailable(exception);
            }

            await backoff.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc cref="RetryAsync{T}" />
    public static Task RetryAsync(
        Func<Task> attempt,
        Action<StoreUnavailableException> onUnavailable,
        TimeProvider clock,
        CancellationToken cancellationToken) =>
        RetryAsync(
            async () =>
            {
                await attempt();
                return true;
            },
            onUnavailable,
            clock,
            cancellationToken);
}
