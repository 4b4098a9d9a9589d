namespace Aether.Persistence.Events;

/// <summary>
/// A subscription asks for the events after a position that the event stream has not reached. The stream was recreated:
/// no event would arrive until the new stream is as long as the old one was.
/// </summary>
public sealed class UnknownEventPositionException(ulong position, ulong last)
    : Exception(
        $"The events end at {last}, before {position}: the stream was recreated, or its last events were lost. "
        + $"Subscribe after {last} for new events, or after 0 for all that are kept, and read the state again.")
{
    /// <summary>The position after which the subscription was to begin.</summary>
    public ulong Position { get; } = position;

    /// <summary>The position of the stream's last event.</summary>
    public ulong Last { get; } = last;
}
