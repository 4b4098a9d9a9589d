namespace Aether.Persistence.Events;

/// <summary>One event of a world, as stored.</summary>
/// <param name="EventSequence">Position in the event stream; it increases, but not always by one.</param>
/// <param name="Type">Dotted name: "trade.completed".</param>
/// <param name="Data">The published bytes.</param>
/// <param name="PublishedAt">When the store accepted it.</param>
public sealed record WorldEvent(
    ulong EventSequence, string Type, ReadOnlyMemory<byte> Data, DateTimeOffset PublishedAt);
