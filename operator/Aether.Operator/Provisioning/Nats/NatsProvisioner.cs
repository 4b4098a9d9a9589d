using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>Gives a world its streams in JetStream: of its events, and of its journal where it lies there.</summary>
internal sealed partial class NatsProvisioner(ILogger<NatsProvisioner> log) : IStoreProvisioner
{
    private readonly ILogger _log = log;

    public StoreName Store => StoreName.Nats;

    public StorePlace PlaceOf(BackendAccess backend) => PlaceOf(backend.Nats);

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        CheckAsync(backend.Nats, cancellationToken);

    /// <inheritdoc cref="IStoreProvisioner.PlaceOf"/>
    public static StorePlace PlaceOf(NatsAccess access) => new(StoreName.Nats, access.Address, "")
    {
        Credentials = StorePlace.Fingerprint(access.Username, access.Password, access.CredentialsFile),
    };

    /// <inheritdoc cref="IStoreProvisioner.CheckAsync"/>
    public static Task CheckAsync(NatsAccess access, CancellationToken cancellationToken) =>
        UseAsync(access, async admin =>
        {
            await admin.CheckAsync(cancellationToken);
            return true;
        });

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Nats, async admin =>
        {
            var drifts = new List<Drift>();
            var streams = WorldStreams.Of(request);
            foreach (var stream in streams)
                drifts.AddRange(stream.Compare(await admin.ReadStreamAsync(stream.Name, cancellationToken)));
            var names = string.Join(" and ", streams.Select(stream => stream.Name));
            var place = $"Stream {names} at {request.Backend.Nats.Address}";
            return Inspection(request, drifts, place);
        });

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Nats, async admin =>
        {
            foreach (var stream in WorldStreams.Of(request))
                await EnsureAsync(admin, stream, cancellationToken);
            return true;
        });

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Nats, async admin =>
        {
            foreach (var name in new[] { request.Names.EventStream, request.Names.JournalStream })
            {
                var found = await admin.ReadStreamAsync(name, cancellationToken);
                if (found is null || !Ownership.IsOwn(OwnerMark.Parse(found.Description), request.Owner))
                    continue;

                // Before the mark goes with the stream: it says that the reports are this world's as well.
                await admin.PurgeReportsAsync(request.Names.ReportSubjects, cancellationToken);
                await admin.DeleteStreamAsync(name, cancellationToken);
            }

            return true;
        });

    private static StoreInspection Inspection(ProvisioningRequest request, List<Drift> drifts, string place)
    {
        var user = request.Credentials.Nats is not null
            ? $"{place}, with a NATS user of its own."
            : $"{place}. Worlds of this backend log in with the operator's own NATS credentials, so that each could "
                + "read and write the others' subjects and delete their streams. Give the backend "
                + "spec.nats.accountSigningKeySecretRef to end that.";
        if (request.Profile is { Journal: JournalKind.JetStream, EventReplicas: 1 })
            return new StoreInspection(drifts)
            {
                Reason = StoreReasons.JournalOnOneServer,
                Message = $"{user} The journal lies on one nats-server, which acknowledges before it syncs unless it "
                    + "is told sync_interval: always: a loss of its power may cost Replicated commits it acknowledged. "
                    + "Set spec.events.replicas to 3.",
            };
        return request.Credentials.Nats is not null
            ? new StoreInspection(drifts) { Message = user }
            : new StoreInspection(drifts) { Reason = StoreReasons.SharedCredentials, Message = user };
    }

    private async Task EnsureAsync(NatsAdmin admin, WorldStream stream, CancellationToken cancellationToken)
    {
        var found = await admin.ReadStreamAsync(stream.Name, cancellationToken);
        var drifts = stream.Compare(found);
        if (found is null)
            await admin.CreateStreamAsync(stream.Create(), cancellationToken);
        else if (drifts.Count > 0)
            await admin.UpdateStreamAsync(stream.Correct(found), cancellationToken);
        foreach (var drift in drifts)
            LogRepaired(stream.Name, drift.What);
    }

    private static async Task<T> UseAsync<T>(NatsAccess access, Func<NatsAdmin, Task<T>> use)
    {
        try
        {
            await using var admin = await NatsAdmin.ConnectAsync(access);
            return await use(admin);
        }
        catch (Exception exception) when (NatsFailures.IsExpected(exception))
        {
            throw NatsFailures.Translate(exception, access);
        }
    }

    [LoggerMessage(5121, LogLevel.Information, "JetStream stream {Stream}: put right that {Drift}")]
    private partial void LogRepaired(string stream, string drift);
}
