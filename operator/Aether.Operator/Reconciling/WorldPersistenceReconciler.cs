using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Metrics;
using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>Gives every world its stores and its Secret, finds what was changed behind its back, and reports.</summary>
internal sealed partial class WorldPersistenceReconciler(
    IObjectClient objects,
    IEventRecorder events,
    BackendResolver backends,
    WorldSecret secrets,
    NatsUserAssignment natsUsers,
    CredentialRotation rotation,
    IEnumerable<IStoreProvisioner> provisioners,
    ReportBook reports,
    IEntityCache<WorldPod> pods,
    OperatorMetrics metrics,
    TimeProvider clock,
    ILogger<WorldPersistenceReconciler> log) : IEntityController<WorldPersistence>
{
    // Trying again does not help against these; a change of the world or a look at every resync does.
    private static readonly HashSet<string> Lasting =
    [
        StoreReasons.OwnedByAnother, StoreReasons.SchemaLost, StoreReasons.StreamLost, StoreReasons.NotInBackend,
    ];

    private readonly ILogger _log = log;
    // The schema first: see ForgetState.
    private readonly IReadOnlyList<IStoreProvisioner> _provisioners =
        [.. provisioners.OrderByDescending(provisioner => provisioner.Store == StoreName.Postgres)];

    public async Task<ReconcileResult> ReconcileAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        var report = new WorldReport(world, events, clock);
        report.SetPodsWithoutAgent(PodsWithoutAgent.Describe(pods, world));
        if (WorldPersistenceValidator.Validate(world.Spec) is { Count: > 0 } errors)
            return await StopAsync(world, report, WorldPhase.Invalid, WorldReasons.InvalidSpec,
                string.Join("; ", errors) + ".", cancellationToken);
        if (world.Spec.Paused)
            return await StopAsync(world, report, WorldPhase.Paused, WorldReasons.Paused,
                "spec.paused is set: stores are left alone and new pods are refused. Unset it to go on.",
                cancellationToken);

        try
        {
            return await ProvisionAsync(world, report, cancellationToken);
        }
        catch (BackendException exception)
        {
            var phase = world.Status.Stores?.SchemaProvisioned == true ? WorldPhase.Degraded : WorldPhase.Pending;
            await StopAsync(world, report, phase, exception.Reason, exception.Message, cancellationToken);
            return ReconcileResult.Failed(exception.Message);
        }
    }

    private async Task<ReconcileResult> StopAsync(
        WorldPersistence world,
        WorldReport report,
        WorldPhase phase,
        string reason,
        string message,
        CancellationToken cancellationToken)
    {
        report.NotReady(phase, reason, message);
        await report.WriteAsync(objects, cancellationToken);
        LogStopped(world.Metadata.NamespaceProperty, world.Metadata.Name, reason);
        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> ProvisionAsync(
        WorldPersistence world, WorldReport report, CancellationToken cancellationToken)
    {
        var backend = await backends.ResolveAsync(world, cancellationToken);
        var names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);
        var profile = WorldProfile.Resolve(world.Spec);
        var secret = await secrets.ReadAsync(world, cancellationToken);
        IReadOnlyList<string> identities = [];
        var step = RotationStep.None;

        world.Status.Profile = profile.ToStatus(world.Spec);
        world.Status.Placement = WorldPlacement.Advise(profile);
        await AnnounceAsync(world, report, names, backend, cancellationToken);
        var absent = AbsentStore.NeededBy(profile, backend);
        if (absent.Count == 0)
            await natsUsers.EnsureAsync(
                world, backend.Nats, () => report.WriteAsync(objects, cancellationToken), cancellationToken);
        var natsUser = world.Status.Stores!.NatsUser;
        var credentials = secrets.Credentials(secret, names, profile, backend, natsUser);
        var identity = await WorldIdentity.FindAsync(
            world, secret, _provisioners[0], Request(lossAccepted: false), cancellationToken);
        if (!identity.IsKnown)
            return await WaitAsync(world, report, identity.Obstacle!, Request(lossAccepted: false), cancellationToken);

        identities = identity.Identities;
        if (absent.Count > 0)
            return await RefuseAsync(report, Request(lossAccepted: false), cancellationToken);

        step = rotation.Next(world, credentials);
        if (step == RotationStep.Announce)
        {
            credentials = credentials.WithNext(withRedis: backend.Redis?.Isolation == RedisIsolation.PerWorldUser);
            rotation.Begin(world);
            report.CredentialsAnnounced(names.Secret);
        }
        else if (step == RotationStep.Record)
        {
            rotation.End(world, credentials.Revision);
            report.CredentialsRotated(names.Secret);
        }

        var request = Request(lossAccepted: false);
        await EnsureSecretAsync(world, secret, request, report, cancellationToken);
        var inSecret = request;
        if (step == RotationStep.Switch)
        {
            credentials = secrets.Switched(credentials, names, profile, backend, natsUser);
            request = Request(lossAccepted: false);
        }

        var acceptance = WorldOwners.AcceptsLoss(world);
        var loss = acceptance ? await WorldLoss.FindAsync(_provisioners, request, cancellationToken) : WorldLoss.None;
        List<ProvisioningException?> failures = [];
        if (loss.MayBeginAnew && world.Status.Stores is { } stores)
        {
            ForgetState(world, stores);
            await report.WriteAsync(objects, cancellationToken);
            failures.Add(await EnsureAsync(
                _provisioners[0], Request(lossAccepted: true), world, report, cancellationToken));
            if (failures[0] is null)
                stores.JournalProvisioned = null;
            request = Request(lossAccepted: failures[0] is null);
        }

        failures.AddRange(await Task.WhenAll(_provisioners.Skip(failures.Count).Select(
            provisioner => EnsureAsync(provisioner, request, world, report, cancellationToken))));
        if (step == RotationStep.Switch
            && _provisioners.Zip(failures).All(pair => pair.Second is null || !profile.Uses(pair.First.Store)))
        {
            await EndRotationAsync(world, report, request, cancellationToken);
            inSecret = request;
        }

        await FollowIdentityAsync(world, inSecret, report, cancellationToken);
        StoresRecord.SetChannel(world, credentials);
        report.SumUp(_provisioners.Select(provisioner => provisioner.Store).Where(profile.Uses));
        await report.WriteAsync(objects, cancellationToken);
        if (acceptance && IsSettled(loss, report))
            await TakeOffAcceptanceAsync(world, cancellationToken);
        var blocking = _provisioners.Zip(failures).Where(pair => profile.Uses(pair.First.Store))
            .Select(pair => pair.Second);
        return blocking.FirstOrDefault(failure => failure is not null && !Lasting.Contains(failure.Reason)) is { } first
            ? ReconcileResult.Failed(first.Message)
            : step is RotationStep.Announce or RotationStep.Wait
            ? ReconcileResult.RequeueAfter(CredentialRotation.Pause)
            : ReconcileResult.Done;

        ProvisioningRequest Request(bool lossAccepted) => new()
        {
            Owner = WorldOwners.Of(world) with { Identities = identities },
            Names = names,
            Profile = profile,
            Backend = backend,
            Credentials = credentials,
            IsRotating = step == RotationStep.Switch,
            WasProvisioned = world.Status.Stores?.SchemaProvisioned == true,
            JournalWasProvisioned = world.Status.Stores?.JournalProvisioned == true,
            LossAccepted = lossAccepted,
            DivergencesKnown = world.Status.LastDivergence?.Number ?? 0,
        };
    }

    private async Task EnsureSecretAsync(
        WorldPersistence world,
        FoundSecret secret,
        ProvisioningRequest request,
        WorldReport report,
        CancellationToken cancellationToken)
    {
        var settings = WorldSettings.Write(world, request);
        if (await secrets.EnsureAsync(world, secret.Secret, settings, cancellationToken)
            && world.Status.Stores?.SchemaProvisioned == true)
            report.SecretUpdated(request.Names.Secret);
    }

    // The schema has the last word: it may have been restored, or have proved that its data carries one more identity.
    private async Task FollowIdentityAsync(
        WorldPersistence world, ProvisioningRequest request, WorldReport report, CancellationToken cancellationToken)
    {
        if (world.Status.Stores?.Identities is not { Count: > 0 } found
            || found.SequenceEqual(request.Owner.Identities))
            return;

        var owner = request.Owner with { Identities = [.. found] };
        var secret = await secrets.ReadAsync(world, cancellationToken);
        await EnsureSecretAsync(world, secret, request with { Owner = owner }, report, cancellationToken);
    }

    // The stores take the new credentials alone; until the Secret says so too, agents try both.
    private async Task EndRotationAsync(
        WorldPersistence world, WorldReport report, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var secret = await secrets.ReadAsync(world, cancellationToken);
        await secrets.EnsureAsync(world, secret.Secret, WorldSettings.Write(world, request), cancellationToken);
        rotation.End(world, request.Credentials.Revision);
        report.CredentialsRotated(request.Names.Secret);
    }

    // A new schema counts commits and tails from one again. That there was one is forgotten before it is made, and that
    // there was a journal once it is: wherever a pass is cut short, the next one takes nothing new for state to keep.
    private void ForgetState(WorldPersistence world, WorldStoresStatus stores)
    {
        stores.SchemaProvisioned = null;
        world.Status.LastDivergence = null;
        world.Status.ForgetAgents();
        reports.Restart(ObjectKey.Of(world));
    }

    // Not while the loss it is for stands in the way yet, and not while a store that may have lost something is away.
    private bool IsSettled(WorldLoss loss, WorldReport report) => loss.Stores.Count > 0
        ? loss.MayBeginAnew && loss.Stores.All(report.IsReady)
        : _provisioners.All(provisioner => report.IsReady(provisioner.Store));

    // It was for what was lost until now: left in place, it would accept the next loss unasked.
    private async Task TakeOffAcceptanceAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        var none = new JsonObject { [OperatorNames.AcceptLossAnnotation] = null };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = none } };
        await objects.MergeAsync<WorldPersistence>(ObjectKey.Of(world), patch, cancellationToken);
    }

    // Recorded before anything is made: a world deleted half made must be known to have something in its stores.
    private async Task AnnounceAsync(
        WorldPersistence world,
        WorldReport report,
        WorldNames names,
        BackendAccess backend,
        CancellationToken cancellationToken)
    {
        if (world.Status.Stores is not null)
            return;

        world.Status.Stores = StoresRecord.Of(names, backend);
        report.NotReady(WorldPhase.Pending, WorldReasons.Provisioning, "The world's stores are being made.");
        await report.WriteAsync(objects, cancellationToken);
    }

    private async Task<ProvisioningException?> EnsureAsync(
        IStoreProvisioner provisioner,
        ProvisioningRequest request,
        WorldPersistence world,
        WorldReport report,
        CancellationToken cancellationToken)
    {
        try
        {
            var found = await provisioner.InspectAsync(request, cancellationToken);
            if (found.Drifts.Count > 0)
                await provisioner.EnsureAsync(request, cancellationToken);

            lock (report)
            {
                if (found.Changes.Count > 0 && report.WasReady(provisioner.Store) && !request.IsRotating)
                {
                    report.Repaired(provisioner.Store, found.Changes);
                    metrics.DriftRepaired(provisioner.Store, request.Owner.Uid, found.Changes.Count);
                }

                foreach (var tail in found.Divergences)
                    report.Diverged(tail);
                report.StoreReady(provisioner.Store, found.Reason, found.Message);
                StoresRecord.Made(world, request, provisioner.Store, found.Reason);
                if (provisioner.Store == StoreName.Postgres && world.Status.Stores is { } stores)
                    stores.Identities = [.. found.Identities ?? request.Owner.Identities];
            }

            return null;
        }
        catch (ProvisioningException exception)
        {
            Fail(provisioner, request, report, exception);
            return exception;
        }
    }

    private void Fail(
        IStoreProvisioner provisioner, ProvisioningRequest request, WorldReport report, ProvisioningException failure)
    {
        var note = request.Profile.Uses(provisioner.Store)
            ? ""
            : $" This world does not use {provisioner.Store.Display}, and is not held up by it.";
        lock (report)
            report.StoreNotReady(provisioner.Store, failure.Reason, failure.Message + note);
        metrics.StoreFailed(provisioner.Store, failure.Reason);
        LogFailed(provisioner.Store.Display, request.Owner.World, failure.Reason, failure.Message);
    }

    [LoggerMessage(5001, LogLevel.Information, "World {Namespace}/{Name} is not provisioned: {Reason}")]
    private partial void LogStopped(string @namespace, string name, string reason);

    [LoggerMessage(5002, LogLevel.Warning, "{Store} of world {World} is not ready: {Reason}: {Message}")]
    private partial void LogFailed(string store, string world, string reason, string message);
}
