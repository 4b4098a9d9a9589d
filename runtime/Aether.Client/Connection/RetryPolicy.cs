using System.Runtime.CompilerServices;

namespace Aether.Client;

/// <summary>
/// When a call that found no agent is made again: an agent that restarts in place is gone for as long as its recovery
/// takes. Reads are always safe to repeat. A commit is repeated only when it carries an idempotency key, for without
/// one nobody can tell whether the attempt that got no answer was applied.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>Never makes a call again.</summary>
    public static readonly RetryPolicy None = new() { Deadline = TimeSpan.Zero };

    /// <summary>How long after its first failure a call is still made again; 0 or more. Default: 1 minute.</summary>
    public TimeSpan Deadline { get; init => field = AtLeast(TimeSpan.Zero, value); } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Wait before the second attempt, 1 ms or more; doubles up to <see cref="LongestWait"/>. Default: 20 ms.
    /// </summary>
    public TimeSpan FirstWait { get; init => field = AtLeast(Shortest, value); } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest wait between two attempts, 1 ms or more. Default: 500 ms.</summary>
    public TimeSpan LongestWait { get; init => field = AtLeast(Shortest, value); } = TimeSpan.FromMilliseconds(500);

    private static TimeSpan Shortest => TimeSpan.FromMilliseconds(1);

    /// <summary>The attempts of one call that starts failing now.</summary>
    internal RetryBudget Start(TimeProvider clock, CancellationToken disposal) => new(this, clock, disposal);

    private static TimeSpan AtLeast(TimeSpan least, TimeSpan value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        return value;
    }
}
