namespace Aether.Client;

/// <summary>An event of the world.</summary>
/// <param name="EventSequence">Position in the event stream; it increases, but not always by one.</param>
/// <param name="Type">Dotted name: "trade.completed".</param>
/// <param name="Data">The published bytes.</param>
/// <param name="PublishedAt">When the event store accepted it.</param>
public sealed record WorldEvent(
    ulong EventSequence, string Type, ReadOnlyMemory<byte> Data, DateTimeOffset PublishedAt);
