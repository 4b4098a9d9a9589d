using System.Text.Json;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>
/// Reads the facts about all worlds' streams at once that <see cref="NatsProvisioner"/> compares for one. Of what
/// changes with traffic, only whether a stream of events is to have its limit of bytes counts.
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
            server,
            Describe(streams.GetValueOrDefault(world.Names.EventStream), world.Profile.EventMaxBytes),
            Describe(streams.GetValueOrDefault(world.Names.JournalStream), long.MaxValue)));
    }

    private static string? Describe(StreamInfo? stream, long maxBytes)
    {
        if (stream is null)
            return null;
        var isFull = stream.State.Bytes >= (stream.Config.MaxBytes > 0 ? maxBytes / 2 : maxBytes);
        return $"{JsonSerializer.Serialize(stream.Config)} {isFull}";
    }
}
