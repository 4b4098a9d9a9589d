using System.Runtime.CompilerServices;

namespace Aether.Client;

/// <summary>
/// When to repeat a call that found no agent: an agent that restarts is unavailable until its recovery is done. Reads
/// are always safe to repeat. A commit is repeated only if it has an idempotency key, because otherwise it is unknown
/// whether the attempt without an answer was applied.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>Never repeats a call.</summary>
    public static readonly RetryPolicy None = new() { Deadline = TimeSpan.Zero };

    /// <summary>How long after its first failure a call is repeated; 0 or more. Default: 1 minute.</summary>
    public TimeSpan Deadline { get; init => field = AtLeast(TimeSpan.Zero, value); } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Wait before the second attempt, 1 ms or more; doubles up to <see cref="LongestWait"/>. Default: 20 ms.
    /// </summary>
    public TimeSpan FirstWait { get; init => field = AtLeast(Shortest, value); } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest wait between two attempts, 1 ms or more. Default: 500 ms.</summary>
    public TimeSpan LongestWait { get; init => field = AtLeast(Shortest, value); } = TimeSpan.FromMilliseconds(500);

    private static TimeSpan Shortest => TimeSpan.FromMilliseconds(1);

    /// <summary>Starts the retries of one call after its first failure.</summary>
    internal RetryBudget Start(TimeProvider clock, CancellationToken disposal) => new(this, clock, disposal);

    private static TimeSpan AtLeast(TimeSpan least, TimeSpan value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        return value;
    }
}
