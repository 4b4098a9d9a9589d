namespace Aether.Persistence.Events;

/// <summary>One event of a world, as stored.</summary>
/// <param name="EventSequence">Position in the event stream; grows, not dense.</param>
/// <param name="Type">Dotted name: "trade.completed".</param>
/// <param name="Data">What the world published.</param>
/// <param name="PublishedAt">When the store took it.</param>
public sealed record WorldEvent(
    ulong EventSequence, string Type, ReadOnlyMemory<byte> Data, DateTimeOffset PublishedAt);
