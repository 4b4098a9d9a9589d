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

    private const string SizeField = "what other streams of the account reserve";

    private const int StreamNotFound = 10059;

    // Reserved whether it is used or not. A report has some 600 bytes: this keeps those of 10,000 agents.
    private const long MostBytes = 8L << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly NatsJSContext _jetStream = access.JetStream(connection);
    private readonly StreamChanges _streams = new(access.JetStream(connection), access.Address);
    private bool _mayReplicate = true;

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
                throw new ProvisioningException(StoreReason.OwnedByAnother,
                    $"JetStream stream {AetherNames.ReportStream} at {access.Address} was not made by an operator, so "
                    + "it was not touched: remove or rename it.");
            }

            if (Differs(found.Config))
                await _streams.UpdateAsync(
                    Wanted(found.Config.Storage, found.Config.NumReplicas), SizeField, cancellationToken);
            await TryReplicateAsync(found.Config, cancellationToken);
            return (found.State.LastSeq, false);
        }
        catch (NatsJSApiException exception) when (exception.Error.ErrCode == StreamNotFound)
        {
            await CreateAsync(cancellationToken);
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

    // In a cluster on several servers, so that reports go on when one is lost. On File, so that they outlive a restart
    // of the server; in memory where the account has nothing else.
    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        var replicas = access.MayReplicate(connection) ? WorldStream.ClusterReplicas : 1;
        try
        {
            await _jetStream.CreateStreamAsync(Wanted(StreamConfigStorage.File, replicas), cancellationToken);
        }
        catch (NatsJSApiException refusal) when (refusal.Error.ErrCode is StreamRefusals.NoPeers
            or StreamRefusals.NotClustered && replicas > 1)
        {
            _mayReplicate = refusal.Error.ErrCode == StreamRefusals.NoPeers;
            await _streams.CreateAsync(
                Wanted(StreamConfigStorage.File, replicas: 1), SizeField, cancellationToken);
        }
        catch (NatsJSApiException refusal) when (refusal.Error.ErrCode == StreamRefusals.NoStorage)
        {
            await _streams.CreateAsync(
                Wanted(StreamConfigStorage.Memory, replicas), SizeField, cancellationToken);
        }
    }

    // A stream that was made while servers were missing, or by an operator of an earlier version.
    private async Task TryReplicateAsync(StreamConfig found, CancellationToken cancellationToken)
    {
        if (!_mayReplicate || !access.MayReplicate(connection)
            || found.NumReplicas >= WorldStream.ClusterReplicas)
            return;
        try
        {
            await _jetStream.UpdateStreamAsync(
                Wanted(found.Storage, WorldStream.ClusterReplicas), cancellationToken);
        }
        catch (NatsJSApiException)
        {
            // The reports go on as they are; the next connection tries again.
            _mayReplicate = false;
        }
    }

    private static bool Differs(StreamConfig found)
    {
        var wanted = Wanted(found.Storage, found.NumReplicas);
        return !(found.Subjects ?? []).SequenceEqual(wanted.Subjects!)
            || found.MaxMsgsPerSubject != wanted.MaxMsgsPerSubject
            || found.MaxMsgSize != wanted.MaxMsgSize
            || found.MaxBytes != wanted.MaxBytes
            || found.MaxAge != wanted.MaxAge
            || found.Discard != wanted.Discard;
    }

    // The oldest go first: what a world sends in excess cannot keep another's next report out.
    private static StreamConfig Wanted(StreamConfigStorage storage, int replicas) =>
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
            NumReplicas = replicas,
        };
}
