using System.Text.Json;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>
/// Reads the facts about all worlds' streams at once that <see cref="NatsProvisioner"/> compares for one. Of what
/// changes with traffic, only whether a stream has reached its limit, or half of it, counts.
/// </summary>
internal static class NatsSurvey
{
    /// <summary>The facts by <see cref="Aether.Persistence.Contracts.WorldNames.Id"/>.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        NatsAdmin admin, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken)
    {
        var streams = await admin.ListStreamsAsync(cancellationToken);
        var server = $"{admin.MaxPayload} {admin.IsClustered} {await admin.DescribeLimitsAsync(cancellationToken)}";
        return worlds.ToDictionary(world => world.Names.Id, world => StorePlace.Fingerprint(
            server, Describe(world.Names.EventStream, world), Describe(world.Names.JournalStream, world)));

        string? Describe(string name, SurveyedWorld world)
        {
            if (!streams.TryGetValue(name, out var stream))
                return null;
            var limit = world.Profile.EventMaxBytes;
            return $"{JsonSerializer.Serialize(stream.Config)} {stream.State.Bytes >= limit} "
                + $"{stream.State.Bytes >= limit / 2}";
        }
    }
}
