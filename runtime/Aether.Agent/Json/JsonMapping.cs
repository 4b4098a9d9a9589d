using Aether.Persistence;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;

namespace Aether.Agent.Json;

/// <summary>Converts JSON to the engine's types, and back.</summary>
internal static class JsonMapping
{
    public static Commit ToCommit(JsonCommit posted)
    {
        if (posted.Mutations is null)
            throw new InvalidRequestException("mutations", "is null");
        LogPlace? sentAfter = posted.FirstSentAfter is { } place
            ? new LogPlace(new Epoch(place.Epoch), new Sequence(place.Sequence))
            : null;
        return new Commit(
            [.. posted.Mutations.Select(ToMutation)],
            ToDurability(posted.Durability),
            posted.IdempotencyKey,
            sentAfter);
    }

    public static JsonEntry ToEntry(StateKey key, StateValue value) =>
        new(key.Kind, key.Id, value.Value, value.Version.Value);

    public static JsonSnapshot ToSnapshot(SnapshotManifest manifest) => new(
        manifest.Sequence.Value, manifest.Epoch.Value, manifest.Keys, manifest.Digest.ToString(), manifest.CapturedAt);

    public static HealthReport ToHealth(string world, RuntimeStatus status) => new(
        world, status.Phase.ToString(), status.Detail, status.Sequence.Value, ToBackends(status));

    public static JsonStatus ToStatus(string world, RuntimeStatus status) => new()
    {
        World = world,
        Holder = status.Holder,
        Phase = status.Phase.ToString(),
        Detail = status.Detail,
        Epoch = status.Epoch.Value,
        Sequence = status.Sequence.Value,
        DurableSequence = status.Durable.Value,
        ReplicatedSequence = status.Replicated.Value,
        Keys = status.Keys,
        StateBytes = status.StateBytes,
        StateDigest = status.Digest.ToString(),
        Recovery = status.Recovery is not { } report ? null : new JsonRecovery(
            report.SnapshotSequence.Value, report.SkippedSnapshots, report.ReplayedFromJournal,
            report.ReplayedFromVolume, report.Diverged, report.TornBytes, report.Duration.TotalSeconds),
        RpoCommits = status.RecoveryPoint?.Commits ?? 0,
        RpoBytes = status.RecoveryPoint?.Bytes ?? 0,
        RpoSeconds = status.RecoveryPoint?.Age.TotalSeconds ?? 0,
        LastSnapshot = status.LastSnapshot is { } last ? ToSnapshot(last) : null,
        Backends = ToBackends(status),
    };

    private static List<BackendHealth> ToBackends(RuntimeStatus status) =>
        [.. status.Backends.Select(backend => new BackendHealth(backend.Name, backend.Healthy, backend.Message))];

    private static Durability? ToDurability(string? posted)
    {
        if (posted is null)
            return null;
        foreach (var level in Enum.GetValues<Durability>())
        {
            if (level.ToString().Equals(posted, StringComparison.OrdinalIgnoreCase))
                return level;
        }

        throw new InvalidRequestException(
            "durability", $"'{posted}' is not one of {string.Join(", ", Enum.GetNames<Durability>())}");
    }

    private static Mutation ToMutation(JsonMutation? posted, int index)
    {
        if (posted is null)
            throw new InvalidRequestException($"mutations[{index}]", "is null");
        if (posted.Put is null != posted.Delete)
            throw new InvalidRequestException($"mutations[{index}]", "takes either put or \"delete\": true");
        var key = new StateKey(posted.Kind, posted.Id);
        Sequence? expected = posted.ExpectedVersion is { } version ? new Sequence(version) : null;
        return posted.Put is { } value ? Mutation.Put(key, value, expected) : Mutation.Delete(key, expected);
    }
}
