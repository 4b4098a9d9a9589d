namespace Aether.Persistence.Events;

/// <summary>
/// A subscription asks for what follows a position that the event stream has not reached. The stream was begun anew
/// since: nothing would come until it has grown as long as the former one.
/// </summary>
public sealed class UnknownEventPositionException(ulong position, ulong last)
    : Exception(
        $"The events end at {last}, before {position}: they were begun anew, or their last ones were lost. Subscribe "
        + $"after {last} for what happens from now on, or after 0 for all that are kept, and read the state anew.")
{
    /// <summary>After what the subscription was to begin.</summary>
    public ulong Position { get; } = position;

    /// <summary>The position of the last event there was.</summary>
    public ulong Last { get; } = last;
}
