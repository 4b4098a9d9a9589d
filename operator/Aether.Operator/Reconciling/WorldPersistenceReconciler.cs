using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Provisions each world's stores and its Secret, repairs drift, and reports the result in the world's status.
/// </summary>
[EntityRbac(typeof(WorldPersistence), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch)]
[GenericRbac(
    Groups = [AetherNames.Group], Resources = [$"{WorldPersistence.Plural}/status"], Verbs = RbacVerb.Update)]
[EntityRbac(typeof(WorldPod), Verbs = RbacVerb.List | RbacVerb.Watch)]
internal sealed partial class WorldPersistenceReconciler(
    IObjectClient objects,
    IEventRecorder events,
    BackendResolver backends,
    WorldSecret secrets,
    NatsUserAssignment natsUsers,
    CredentialRotation rotation,
    WorldStores stores,
    OutcomeRecorder recorder,
    LatestReports reports,
    IEntityCache<WorldPod> pods,
    OperatorOptions options,
    TimeProvider clock,
    ILogger<WorldPersistenceReconciler> log) : IEntityController<WorldPersistence>
{
    private readonly ILogger _log = log;

    public async Task<ReconciliationResult<WorldPersistence>> ReconcileAsync(
        WorldPersistence world, CancellationToken cancellationToken)
    {
        var report = new WorldReport(world, events, clock);
        report.SetPodsWithoutAgent(PodsWithoutAgent.Describe(pods, world));
        if (WorldPersistenceValidator.Validate(world.Spec) is { Count: > 0 } errors)
            return await StopAsync(world, report, WorldPhase.Invalid, WorldReason.InvalidSpec,
                string.Join("; ", errors) + ".", cancellationToken);
        if (world.Spec.Paused)
            return await StopAsync(world, report, WorldPhase.Paused, WorldReason.Paused,
                "spec.paused is set: the operator does not touch the stores and refuses new pods. Unset it to "
                + "continue.",
                cancellationToken);

        try
        {
            return await ProvisionAsync(world, report, secrets.ReadAsync, cancellationToken);
        }
        catch (BackendException exception)
        {
            var phase = world.Status.Stores?.SchemaProvisioned == true ? WorldPhase.Degraded : WorldPhase.Pending;
            await StopAsync(world, report, phase, exception.Reason, exception.Message, cancellationToken);
            return ReconciliationResult<WorldPersistence>.Failure(world, exception.Message);
        }
    }

    public Task<ReconciliationResult<WorldPersistence>> DeletedAsync(
        WorldPersistence world, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<WorldPersistence>.Success(world));

    private async Task<ReconciliationResult<WorldPersistence>> StopAsync(
        WorldPersistence world,
        WorldReport report,
        WorldPhase phase,
        WorldReason reason,
        string message,
        CancellationToken cancellationToken)
    {
        report.NotReady(phase, reason, message);
        await report.WriteAsync(objects, cancellationToken);
        LogStopped(world.Metadata.NamespaceProperty, world.Metadata.Name, reason);
        return ReconciliationResult<WorldPersistence>.Success(world);
    }

    private async Task<ReconciliationResult<WorldPersistence>> ProvisionAsync(
        WorldPersistence world,
        WorldReport report,
        Func<WorldPersistence, CancellationToken, Task<FoundSecret>> readSecretAsync,
        CancellationToken cancellationToken)
    {
        try
        {
            var context = await BeginAsync(world, report, readSecretAsync, cancellationToken);
            return await ProvisionAsync(context, cancellationToken);
        }
        catch (StaleSecretException)
        {
            // The stored Secret is never stale, so this repeats once at most.
            return await ProvisionAsync(world, report, secrets.ReadLiveAsync, cancellationToken);
        }
    }

    private async Task<ReconciliationResult<WorldPersistence>> ProvisionAsync(
        ReconcileContext context, CancellationToken cancellationToken)
    {
        var (world, report) = (context.World, context.Report);
        var absent = AbsentStore.NeededBy(context.Profile, context.Backend);
        await RecordStoresAsync(context, mayTakeUser: absent.Count == 0, cancellationToken);

        var draft = context.Request(secrets.Credentials(context));
        var identity = await WorldIdentity.FindAsync(world, context.Secret, stores.Postgres, draft, cancellationToken);
        if (!identity.IsKnown)
            return await AwaitIdentityAsync(context, draft, identity.Obstacle, cancellationToken);

        var identified = draft with { Owner = draft.Owner with { Identities = identity.Identities } };
        if (absent.Count > 0)
            return await AwaitBackendAsync(context, identified, cancellationToken);

        if (identified.Credentials.HasNext || world.Status.Credentials?.RotatingSince is not null)
            await context.Check.ConfirmAsync(cancellationToken);
        var step = rotation.Next(world, identified.Credentials);
        var announced = Announce(context, identified, step);
        await EnsureSecretAsync(context, context.Secret, announced, cancellationToken);
        var request = step == RotationStep.Switch
            ? announced with { Credentials = secrets.Switched(announced.Credentials, context) }
            : announced;

        var accepted = WorldOwners.AcceptsLoss(world);
        var loss = accepted ? await WorldLoss.FindAsync(stores.All, request, cancellationToken) : WorldLoss.None;
        var outcomes = loss.MayRecreate
            ? await RecreateAsync(context, request, cancellationToken)
            : await EnsureAsync(context, stores.All, request, identity.Nothing, cancellationToken);
        var used = outcomes.Where(outcome => context.Profile.Uses(outcome.Store)).ToList();
        var hasSwitched = step == RotationStep.Switch && used.TrueForAll(outcome => outcome.IsSuccess);
        if (hasSwitched)
            await EndRotationAsync(context, request, cancellationToken);

        await FollowIdentityAsync(context, hasSwitched ? request : announced, cancellationToken);
        StoresRecord.SetChannel(world, request.Credentials);
        report.SumUp(stores.Names.Where(context.Profile.Uses));
        await report.WriteAsync(objects, cancellationToken);
        if (accepted && IsSettled(context, loss))
            await RemoveAcceptanceAsync(world, cancellationToken);
        return Conclude(context, outcomes, used, step);
    }

    private async Task<ReconcileContext> BeginAsync(
        WorldPersistence world,
        WorldReport report,
        Func<WorldPersistence, CancellationToken, Task<FoundSecret>> readSecretAsync,
        CancellationToken cancellationToken)
    {
        var secret = await readSecretAsync(world, cancellationToken);
        var context = new ReconcileContext(
            world,
            report,
            Backend: await backends.ResolveAsync(world, cancellationToken),
            Profile: WorldProfile.Resolve(world.Spec),
            Secret: secret,
            Check: new SecretCheck(secrets, world, secret));
        world.Status.Profile = context.Profile.ToStatus(world.Spec);
        world.Status.Placement = WorldPlacement.Advise(context.Profile);
        return context;
    }

    // Recorded before anything is created: a world that is deleted half provisioned must be known to have objects in
    // its stores. The record and the world's NATS user are one write.
    private async Task RecordStoresAsync(
        ReconcileContext context, bool mayTakeUser, CancellationToken cancellationToken)
    {
        var isNew = context.World.Status.Stores is null;
        if (isNew)
        {
            context.World.Status.Stores = StoresRecord.Of(context.Names, context.Backend);
            context.Report.NotReady(
                WorldPhase.Pending, WorldReason.Provisioning, "The world's stores are being created.");
        }

        if (mayTakeUser)
            await natsUsers.EnsureAsync(context.World, context.Backend.Nats, WriteAsync, cancellationToken);
        if (isNew)
            await WriteAsync();

        Task WriteAsync() => context.Report.WriteAsync(objects, cancellationToken);
    }

    private async Task<IReadOnlyList<StoreOutcome>> EnsureAsync(
        ReconcileContext context,
        IReadOnlyList<IStoreProvisioner> provisioners,
        ProvisioningRequest request,
        StoreInspection? postgres,
        CancellationToken cancellationToken)
    {
        var work = provisioners
            .Select(provisioner => WorldStores.EnsureAsync(
                provisioner, request, provisioner == stores.Postgres ? postgres : null, context.Check.ConfirmAsync,
                cancellationToken))
            .ToList();
        // Record all other stores before an unexpected exception of one is rethrown. Otherwise the next reconcile would
        // find them in order, and their repairs would never be reported.
        var all = Task.WhenAll(work);
        await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var ended in work.Where(ended => ended.IsCompletedSuccessfully))
            recorder.RecordEnsured(context, request, await ended);
        return await all;
    }

    private async Task<IReadOnlyList<StoreOutcome>> RecreateAsync(
        ReconcileContext context, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        await context.Check.ConfirmAsync(cancellationToken);
        ForgetState(context.World);
        await context.Report.WriteAsync(objects, cancellationToken);
        var forSchema = context.AsRecorded(request) with { LossAccepted = true };
        var schema = await EnsureAsync(context, [stores.Postgres], forSchema, null, cancellationToken);
        var hasSchema = schema[0].IsSuccess;
        if (hasSchema)
            context.World.Status.Stores!.JournalProvisioned = null;

        var rest = context.AsRecorded(request) with { LossAccepted = hasSchema };
        return [.. schema, .. await EnsureAsync(context, stores.Others, rest, null, cancellationToken)];
    }

    // A new schema counts commits and tails from 1 again. The schema's record is cleared before the schema is recreated
    // and the journal's afterwards: wherever a reconcile is interrupted, the next one never mistakes new, empty stores
    // for state to keep.
    private void ForgetState(WorldPersistence world)
    {
        world.Status.Stores!.SchemaProvisioned = null;
        world.Status.LastDivergence = null;
        world.Status.ForgetAgents();
        reports.Restart(ObjectKey.Of(world));
    }

    // An acceptance stays while the loss it was given for is unresolved, and while a store that may have lost data is
    // unavailable. Redis is not considered, because no loss is ever detected there. Waiting for Redis would keep a used
    // acceptance if the status write after the recreation failed, and the next loss would be accepted without the
    // user's consent.
    private static bool IsSettled(ReconcileContext context, WorldLoss loss) => loss.Stores.Count > 0
        ? loss.MayRecreate && loss.Stores.All(context.Report.IsReady)
        : context.Report.IsReady(StoreName.Postgres)
            && (context.Profile.Journal != JournalKind.JetStream || context.Report.IsReady(StoreName.Nats));

    // The acceptance covered past losses only: left in place, it would accept the next loss without the user's consent.
    private async Task RemoveAcceptanceAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        var none = new JsonObject { [OperatorNames.AcceptLossAnnotation] = null };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = none } };
        await objects.MergeAsync<WorldPersistence>(ObjectKey.Of(world), patch, cancellationToken);
    }

    // No survey shows that a failure has ended: its cause may be something that none reads, such as the keys of a Redis
    // prefix, or an outage between two surveys. Nor does one show that a NATS user has become free.
    private ReconciliationResult<WorldPersistence> Conclude(
        ReconcileContext context,
        IReadOnlyList<StoreOutcome> outcomes,
        IReadOnlyList<StoreOutcome> used,
        RotationStep step)
    {
        var world = context.World;
        if (used.FirstOrDefault(outcome => outcome.MayBeRetried)?.Failure is { } failure)
            return ReconciliationResult<WorldPersistence>.Failure(world, failure.Message);
        if (step is RotationStep.Announce or RotationStep.Wait)
            return ReconciliationResult<WorldPersistence>.Success(world, CredentialRotation.Pause);
        var waits = outcomes.Any(outcome => !outcome.IsSuccess)
            || NatsUserAssignment.IsAwaited(world, context.Backend.Nats);
        return ReconciliationResult<WorldPersistence>.Success(
            world, waits ? options.DriftInterval : rotation.DueIn(world));
    }

    [LoggerMessage(5001, LogLevel.Information,
        "World {Namespace}/{Name} is not provisioned ({Reason}); its condition Ready says what to do")]
    private partial void LogStopped(string @namespace, string name, WorldReason reason);
}
