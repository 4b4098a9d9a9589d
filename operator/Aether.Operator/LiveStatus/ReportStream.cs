using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The stream of a backend that keeps the last report of every agent, for an operator that was not there to hear it.
/// Worlds may publish to it by their own subjects and do nothing else with it.
/// </summary>
internal sealed class ReportStream(NatsConnection connection, NatsAccess access)
{
    // What makes it the operator's: one of the same name without this is somebody else's.
    private const string Description = "aether-operator: the last report of each agent";

    private const int StreamNotFound = 10059;
    private const long MostBytes = 32L << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly NatsJSContext _jetStream = new(connection);

    /// <summary>Sees to it that the stream is there; tells where it ends, and whether it was made.</summary>
    /// <exception cref="ProvisioningException">One by its name is somebody else's.</exception>
    public async Task<(ulong Last, bool IsNew)> EnsureAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = (await _jetStream.GetStreamAsync(
                AetherNames.ReportStream, cancellationToken: cancellationToken)).Info;
            if (found.Config.Description != Description)
            {
                throw new ProvisioningException(StoreReasons.OwnedByAnother,
                    $"JetStream stream {AetherNames.ReportStream} at {access.Address} was not made by an operator, so "
                    + "it was not touched: remove or rename it.");
            }

            if (Differs(found.Config))
                await _jetStream.UpdateStreamAsync(Wanted(found.Config.Storage), cancellationToken);
            return (found.State.LastSeq, false);
        }
        catch (NatsJSApiException exception) when (exception.Error.ErrCode == StreamNotFound)
        {
            await _jetStream.CreateStreamAsync(Wanted(StreamConfigStorage.File), cancellationToken);
            return (0, true);
        }
    }

    /// <summary>Reads what is kept, and then whatever comes.</summary>
    public async IAsyncEnumerable<INatsJSMsg<ReadOnlyMemory<byte>>> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var consumer = await _jetStream.CreateOrderedConsumerAsync(
            AetherNames.ReportStream, cancellationToken: cancellationToken);
        await foreach (var message in consumer.ConsumeAsync(
            NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: cancellationToken))
            yield return message;
    }

    private static bool Differs(StreamConfig found)
    {
        var wanted = Wanted(found.Storage);
        return !(found.Subjects ?? []).SequenceEqual(wanted.Subjects!)
            || found.MaxMsgsPerSubject != wanted.MaxMsgsPerSubject
            || found.MaxMsgSize != wanted.MaxMsgSize
            || found.MaxBytes != wanted.MaxBytes
            || found.MaxAge != wanted.MaxAge
            || found.Discard != wanted.Discard;
    }

    // The oldest go first: what a world sends in excess cannot keep another's next report out.
    private static StreamConfig Wanted(StreamConfigStorage storage) =>
        new(AetherNames.ReportStream, [AetherNames.ReportSubjects])
        {
            Description = Description,
            Storage = storage,
            Retention = StreamConfigRetention.Limits,
            Discard = StreamConfigDiscard.Old,
            MaxMsgsPerSubject = 1,
            MaxMsgSize = AgentReport.MaxBytes,
            MaxBytes = MostBytes,
            MaxMsgs = -1,
            MaxConsumers = -1,
            MaxAge = Longest,
            DuplicateWindow = TimeSpan.FromMinutes(2),
            NumReplicas = 1,
        };
}
