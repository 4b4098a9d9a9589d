using System.Text;
using Aether.Persistence.V1;
using Google.Protobuf;

namespace Aether.Client;

/// <summary>Converts wire messages to the SDK's types.</summary>
internal static class Wire
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static StateKey ToWire(WorldKey key) =>
        new() { Kind = ToWire(key.Kind, nameof(key.Kind)), Id = ToWire(key.Id, nameof(key.Id)) };

    /// <summary>
    /// Validates a text for the wire: a lone surrogate would be written as U+FFFD, which could make two keys one.
    /// </summary>
    public static string ToWire(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        try
        {
            _ = Utf8.GetByteCount(text);
            return text;
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"{name} is not valid Unicode: {e.Message}", name, e);
        }
    }

    public static WorldEntry ToEntry(StateEntry entry) =>
        new(new WorldKey(entry.Key.Kind, entry.Key.Id), entry.Value.Memory, entry.Version);

    public static WorldCommitted ToCommitted(CommitReply reply) =>
        new(reply.Sequence, reply.Epoch, (WorldDurability)reply.Durability, reply.Repeated);

    public static WorldSnapshot ToSnapshot(SnapshotReply reply) =>
        new(reply.Sequence, reply.Keys, ToHex(reply.StateDigest));

    public static AgentStatus ToStatus(StatusReply reply) => new()
    {
        World = reply.World,
        Holder = reply.Holder,
        Phase = Enum.IsDefined((ServingPhase)reply.Phase) ? (ServingPhase)reply.Phase : ServingPhase.Unknown,
        Detail = reply.Detail,
        Epoch = reply.Epoch,
        Sequence = reply.Sequence,
        DurableSequence = reply.DurableSequence,
        ReplicatedSequence = reply.ReplicatedSequence,
        Keys = reply.Keys,
        StateBytes = reply.StateBytes,
        StateDigest = ToHex(reply.StateDigest),
        RpoCommits = reply.RpoCommits,
        RpoBytes = reply.RpoBytes,
        Rpo = TimeSpan.FromMilliseconds(reply.RpoMs),
        LastSnapshotSequence = reply.LastSnapshotSequence,
        LastSnapshotAt = reply.LastSnapshotUnixMs == 0
            ? null
            : DateTimeOffset.FromUnixTimeMilliseconds(reply.LastSnapshotUnixMs),
        Recovery = reply.Recovery is { } recovery
            ? new AgentRecovery(
                recovery.SnapshotSequence,
                recovery.ReplayedFromJournal,
                recovery.ReplayedFromVolume,
                recovery.Diverged,
                TimeSpan.FromMilliseconds(recovery.DurationMs))
            : null,
        Backends = [.. reply.Backends.Select(store => new AgentBackend(store.Name, store.Healthy, store.Message))],
    };

    public static WorldWatermarks ToWatermarks(Watermarks reply) =>
        new(reply.Sequence, reply.DurableSequence, reply.ReplicatedSequence);

    public static WorldEvent ToEvent(Event e) =>
        new(e.EventSequence, e.Type, e.Data.Memory, DateTimeOffset.FromUnixTimeMilliseconds(e.UnixMs));

    private static string ToHex(ByteString bytes) => Convert.ToHexString(bytes.Span);
}
