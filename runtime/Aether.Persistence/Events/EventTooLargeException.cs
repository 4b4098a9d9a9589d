namespace Aether.Persistence.Events;

/// <summary>The event is larger than the stream's server accepts in one message.</summary>
public sealed class EventTooLargeException(long bytes, long limit, string setting, Exception? inner = null)
    : Exception(
        $"The event has {bytes} bytes of data and does not fit into a message of {limit} bytes, which is {setting}; "
        + "headers count, too. Publish less data, or have the limit raised.",
        inner)
{
    /// <summary>Bytes of the event's data.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Most bytes of a message, headers included.</summary>
    public long Limit { get; } = limit;
}
