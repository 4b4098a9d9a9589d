using Aether.Persistence;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.State;
using Google.Protobuf;
using Wire = Aether.Persistence.V1;

namespace Aether.Agent.Grpc;

/// <summary>Converts wire messages to the engine's types, and back.</summary>
internal static class WireMapping
{
    public static Commit ToCommit(Wire.CommitRequest? request)
    {
        if (request is null)
            throw new InvalidRequestException("commit", "is missing");
        var mutations = new Mutation[request.Mutations.Count];
        for (var i = 0; i < mutations.Length; i++)
            mutations[i] = ToMutation(request.Mutations[i], i);
        return new Commit(
            mutations, ToDurability(request.Durability), request.IdempotencyKey, ToPlace(request.FirstSentAfter));
    }

    public static StateKey ToKey(Wire.StateKey? key, string field) =>
        key is null ? throw new InvalidRequestException(field, "is missing") : new StateKey(key.Kind, key.Id);

    public static Wire.CommitReply ToReply(CommitResult result) => new()
    {
        Sequence = result.Sequence.Value,
        Epoch = result.Epoch.Value,
        Durability = (Wire.Durability)result.Durability,
        Repeated = result.Repeated,
    };

    public static Wire.StateEntry ToEntry(StateEntry entry) => new()
    {
        Key = new Wire.StateKey { Kind = entry.Key.Kind, Id = entry.Key.Id },
        Value = ToBytes(entry.Value.Value),
        Version = entry.Value.Version.Value,
    };

    // A stored value is never changed, so it needs no copy on its way out.
    public static ByteString ToBytes(ReadOnlyMemory<byte> value) => UnsafeByteOperations.UnsafeWrap(value);

    public static ByteString ToBytes(StateDigest digest)
    {
        var bytes = new byte[StateDigest.Size];
        digest.Write(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    public static Wire.StatusReply ToReply(string world, RuntimeStatus status)
    {
        var reply = new Wire.StatusReply
        {
            World = world,
            Holder = status.Holder,
            Phase = ToPhase(status.Phase),
            Detail = status.Detail,
            Epoch = status.Epoch.Value,
            Sequence = status.Sequence.Value,
            DurableSequence = status.Durable.Value,
            ReplicatedSequence = status.Replicated.Value,
            Keys = (ulong)status.Keys,
            StateBytes = (ulong)status.StateBytes,
            StateDigest = ToBytes(status.Digest),
            Recovery = ToRecovery(status),
            RpoCommits = status.RecoveryPoint?.Commits ?? 0,
            RpoBytes = (ulong)(status.RecoveryPoint?.Bytes ?? 0),
            RpoMs = (long)(status.RecoveryPoint?.Age.TotalMilliseconds ?? 0),
            LastSnapshotSequence = status.LastSnapshot?.Sequence.Value ?? 0,
            LastSnapshotUnixMs = status.LastSnapshot?.CapturedAt.ToUnixTimeMilliseconds() ?? 0,
        };
        reply.Backends.AddRange(status.Backends.Select(backend => new Wire.BackendStatus
        {
            Name = backend.Name,
            Healthy = backend.Healthy,
            Message = backend.Message,
        }));
        return reply;
    }

    private static Mutation ToMutation(Wire.Mutation mutation, int index)
    {
        var key = ToKey(mutation.Key, $"mutations[{index}].key");
        Sequence? expected = mutation.HasExpectedVersion ? new Sequence(mutation.ExpectedVersion) : null;
        return mutation.ChangeCase switch
        {
            Wire.Mutation.ChangeOneofCase.Put => Mutation.Put(key, mutation.Put.Memory, expected),
            Wire.Mutation.ChangeOneofCase.Delete => Mutation.Delete(key, expected),
            _ => throw new InvalidRequestException($"mutations[{index}]", "has neither put nor delete"),
        };
    }

    public static Wire.Watermarks ToWatermarks(Watermarks watermarks) => new()
    {
        Sequence = watermarks.Applied.Value,
        DurableSequence = watermarks.Durable.Value,
        ReplicatedSequence = watermarks.Replicated.Value,
    };

    public static Durability? ToDurability(Wire.Durability durability) => durability switch
    {
        Wire.Durability.Unspecified => null,
        >= Wire.Durability.Memory and <= Wire.Durability.Replicated => (Durability)durability,
        _ => throw new InvalidRequestException("durability", $"{(int)durability} is not a known level"),
    };

    private static LogPlace? ToPlace(Wire.LogPlace? place) =>
        place is null ? null : new LogPlace(new Epoch(place.Epoch), new Sequence(place.Sequence));

    private static Wire.Phase ToPhase(RuntimePhase phase) =>
        phase == RuntimePhase.Stopped ? Wire.Phase.Stopping : (Wire.Phase)phase;

    private static Wire.Recovery? ToRecovery(RuntimeStatus status) => status.Recovery is not { } report
        ? null
        : new Wire.Recovery
        {
            SnapshotSequence = report.SnapshotSequence.Value,
            ReplayedFromJournal = report.ReplayedFromJournal,
            ReplayedFromVolume = report.ReplayedFromVolume,
            Diverged = report.Diverged,
            DurationMs = (long)report.Duration.TotalMilliseconds,
        };
}
