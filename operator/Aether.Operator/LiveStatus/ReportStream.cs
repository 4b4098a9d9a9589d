using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The stream of a backend that stores the last report of every agent for an operator that was not connected when it
/// was sent. Worlds may only publish to it, each on its own subjects.
/// </summary>
internal sealed class ReportStream(NatsConnection connection, NatsAccess access)
{
    // Identifies the operator's stream; another stream of the same name is not the operator's.
    private const string Description = "aether-operator: the last report of each agent";

    private const string SizeField = "the reservations of other streams of the account";

    private const int StreamNotFound = 10059;

    // Reserved whether it is used or not. At about 600 bytes per report, it holds those of 10,000 agents.
    private const long MostBytes = 8L << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly NatsJSContext _jetStream = access.JetStream(connection);
    private readonly StreamChanges _streams = new(access.JetStream(connection), access.Address);
    private bool _mayReplicate = true;

    /// <summary>Ensures that the stream exists; returns its last sequence, and whether it was created.</summary>
    /// <exception cref="ProvisioningException">A stream of its name exists that is not the operator's.</exception>
    public async Task<(ulong Last, bool IsNew)> EnsureAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = (await _jetStream.GetStreamAsync(
                AetherNames.ReportStream, cancellationToken: cancellationToken)).Info;
            if (found.Config.Description != Description)
            {
                throw new ProvisioningException(StoreReason.OwnedByAnother,
                    $"JetStream stream {AetherNames.ReportStream} at {access.Address} was not created by the operator, "
                    + "so the operator does not touch it: remove or rename it.");
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

    /// <summary>Reads the stored reports, then new ones as they arrive.</summary>
    public async IAsyncEnumerable<INatsJSMsg<ReadOnlyMemory<byte>>> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var consumer = await _jetStream.CreateOrderedConsumerAsync(
            AetherNames.ReportStream, cancellationToken: cancellationToken);
        await foreach (var message in consumer.ConsumeAsync(
            NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: cancellationToken))
            yield return message;
    }

    // With replicas in a cluster, so that reports continue when a server is lost. On File, so that they survive a
    // restart of the server; in memory if the account has no file storage left.
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

    // The stream may have been created while servers were missing, or by an earlier version of the operator.
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
            // The stream works without replicas too; the next connection tries again.
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

    // Old reports are dropped first, so that one world's excess cannot keep another's next report out.
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
