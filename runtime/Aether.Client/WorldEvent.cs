namespace Aether.Client;

/// <summary>An event of the world.</summary>
/// <param name="EventSequence">Position in the event stream; grows, not dense.</param>
/// <param name="Type">Dotted name: "trade.completed".</param>
/// <param name="Data">What was published.</param>
/// <param name="PublishedAt">When the event store took it.</param>
public sealed record WorldEvent(
    ulong EventSequence, string Type, ReadOnlyMemory<byte> Data, DateTimeOffset PublishedAt);
