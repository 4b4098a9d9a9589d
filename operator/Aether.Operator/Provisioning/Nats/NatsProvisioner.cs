using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>
/// Provisions a world's streams in JetStream: one for its events and, if its journal is in JetStream, one for that.
/// </summary>
internal sealed partial class NatsProvisioner(NatsConnections connections, ILogger<NatsProvisioner> log)
    : IStoreProvisioner
{
    private readonly ILogger _log = log;

    public StoreName Store => StoreName.Nats;

    public StorePlace PlaceOf(BackendAccess backend) => PlaceOf(backend.RequiredNats);

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        CheckAsync(connections, backend.RequiredNats, cancellationToken);

    /// <inheritdoc cref="IStoreProvisioner.PlaceOf"/>
    public static StorePlace PlaceOf(NatsAccess access) => new(StoreName.Nats, access.Address, access.Domain ?? "")
    {
        Credentials = StorePlace.Fingerprint(
            access.Username, access.Password, access.CredentialsFile, access.Certificates.Fingerprint),
    };

    /// <inheritdoc cref="IStoreProvisioner.CheckAsync"/>
    public static Task CheckAsync(
        NatsConnections connections, NatsAccess access, CancellationToken cancellationToken) =>
        connections.UseAsync(access, async admin =>
        {
            await admin.CheckAsync(cancellationToken);
            return true;
        });

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        request.Credentials.Nats is { } login
            ? connections.UseAsync(
                request.Backend.RequiredNats, admin => InspectAsync(admin, request, login, cancellationToken))
            : Task.FromResult(WithoutLogin(request));

    public Task<IReadOnlyDictionary<string, string>> SurveyAsync(
        BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken) =>
        connections.UseAsync(
            backend.RequiredNats, admin => NatsSurvey.ReadAsync(admin, worlds, cancellationToken));

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        request.Credentials.Nats is null
            ? Task.CompletedTask
            : connections.UseAsync(request.Backend.RequiredNats, async admin =>
            {
                foreach (var stream in WorldStreams.Of(request))
                    await EnsureAsync(admin, stream, cancellationToken);
                return true;
            });

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        connections.UseAsync(request.Backend.RequiredNats, async admin =>
        {
            foreach (var name in new[] { request.Names.EventStream, request.Names.JournalStream })
            {
                var found = await admin.ReadStreamAsync(name, cancellationToken);
                if (found is null || !Ownership.IsOwn(OwnerMark.Parse(found.Config.Description), request.Owner))
                    continue;

                // Purge first: the stream's mark shows that the reports belong to this world too, and is deleted with
                // the stream.
                await admin.PurgeReportsAsync(request.Names.ReportSubjects, cancellationToken);
                await admin.DeleteStreamAsync(name, cancellationToken);
            }

            return true;
        });

    private static async Task<StoreInspection> InspectAsync(
        NatsAdmin admin, ProvisioningRequest request, NatsLogin login, CancellationToken cancellationToken)
    {
        if (request.Profile.Journal == JournalKind.JetStream)
            CheckPayload(admin.MaxPayload, request.Backend.RequiredNats.Address);
        var (drifts, replicas) = (new List<Drift>(), 0);
        var streams = WorldStreams.Of(request);
        foreach (var stream in streams)
        {
            var info = await admin.ReadStreamAsync(stream.Name, cancellationToken);
            var found = info?.Config;
            stream.FitLimit(info, isDemanded: found?.MaxBytes > 0
                && await admin.DemandsLimitAsync(found, cancellationToken));
            drifts.AddRange(stream.Compare(found));
            replicas = request.Profile.EventReplicas ?? (found ?? stream.Create(admin.IsClustered)).NumReplicas;
        }

        var names = string.Join(" and ", streams.Select(stream => stream.Name));
        return Inspection(
            request, login, drifts, replicas, $"Stream {names} at {request.Backend.RequiredNats.Address}");
    }

    private static void CheckPayload(int limit, string address)
    {
        if (limit < NatsLimits.JournalMaxPayload)
            throw new ProvisioningException(StoreReason.Refused,
                $"NATS at {address} has max_payload {limit}, and a journal in JetStream (spec.wal.journal) needs "
                + $"{NatsLimits.JournalMaxPayload}: raise max_payload in the configuration of nats-server.");
    }

    // If the world had a login before, its streams stay as they are.
    private static StoreInspection WithoutLogin(ProvisioningRequest request)
    {
        var list = request.Backend.RequiredNats.WorldUsers;
        var cause = list is null
            ? "The backend has neither a signing key nor a list of NATS users, and a world that logs in with the "
                + "operator's own NATS credentials could read, write and delete the data of all others."
            : $"All {list.Count} users of Secret {list.Secret}, which the backend's spec.nats.worldUsersSecretRef "
                + "names, belong to other worlds.";
        var remedy = list is null
            ? "Set spec.nats.accountSigningKeySecretRef or spec.nats.worldUsersSecretRef of the backend, or accept "
                + "the risk with spec.nats.sharedCredentials: true."
            : "Add a user.";
        if (request.Profile.Journal == JournalKind.JetStream)
            throw new ProvisioningException(StoreReason.NoOwnCredentials,
                "This world's journal is in JetStream (spec.wal.journal), but the world has no NATS user. "
                + $"{cause} {remedy}");
        return new StoreInspection([])
        {
            Reason = StoreReason.NoOwnCredentials,
            Message = "This world has no NATS user: its state is served, its agents report through PostgreSQL, and it "
                + $"has no events. {cause} {remedy}",
        };
    }

    private static StoreInspection Inspection(
        ProvisioningRequest request, NatsLogin login, List<Drift> drifts, int replicas, string place)
    {
        var user = login.IsShared
            ? $"{place}. With the backend's spec.nats.sharedCredentials, worlds log in with the operator's own NATS "
                + "credentials, so that each can read and write the others' subjects and delete their streams. To "
                + "end that, set the backend's spec.nats.accountSigningKeySecretRef or spec.nats.worldUsersSecretRef."
            : $"{place}, with a NATS user of its own.";
        if (request.Profile.Journal == JournalKind.JetStream && replicas == 1)
            return new StoreInspection(drifts)
            {
                Reason = StoreReason.JournalOnOneServer,
                Message = $"{user} The journal is on a single nats-server, which acknowledges before it syncs unless "
                    + "sync_interval is always: a power loss may lose acknowledged Replicated commits. Set "
                    + "spec.events.replicas to 3.",
            };
        return login.IsShared
            ? new StoreInspection(drifts) { Reason = StoreReason.SharedCredentials, Message = user }
            : new StoreInspection(drifts) { Message = user };
    }

    private async Task EnsureAsync(NatsAdmin admin, WorldStream stream, CancellationToken cancellationToken)
    {
        var info = await admin.ReadStreamAsync(stream.Name, cancellationToken);
        var found = info?.Config;
        stream.FitLimit(info, isDemanded: await admin.DemandsLimitAsync(
            found ?? stream.Create(admin.IsClustered), cancellationToken));
        var drifts = stream.Compare(found);
        if (found is null)
            await admin.CreateStreamAsync(stream, cancellationToken);
        else if (drifts.Count > 0)
            await admin.UpdateStreamAsync(stream, stream.Correct(found), cancellationToken);
        foreach (var drift in drifts)
            LogRepaired(stream.Name, drift.What);
    }

    [LoggerMessage(5121, LogLevel.Information, "Repaired JetStream stream {Stream}: {Drift}")]
    private partial void LogRepaired(string stream, string drift);
}
