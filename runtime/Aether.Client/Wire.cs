using Aether.Persistence.V1;

namespace Aether.Client;

/// <summary>Turns wire messages into the SDK's types.</summary>
internal static class Wire
{
    public static StateKey ToWire(WorldKey key) => new() { Kind = key.Kind, Id = key.Id };

    public static WorldEntry ToEntry(StateEntry entry) =>
        new(new WorldKey(entry.Key.Kind, entry.Key.Id), entry.Value.Memory, entry.Version);

    public static WorldCommitted ToCommitted(CommitReply reply) =>
        new(reply.Sequence, reply.Epoch, reply.Durability, reply.Repeated);

    public static WorldWatermarks ToWatermarks(Watermarks reply) =>
        new(reply.Sequence, reply.DurableSequence, reply.ReplicatedSequence);

    public static WorldEvent ToEvent(Event e) =>
        new(e.EventSequence, e.Type, e.Data.Memory, DateTimeOffset.FromUnixTimeMilliseconds(e.UnixMs));
}
