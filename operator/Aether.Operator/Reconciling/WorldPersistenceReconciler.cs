using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>Gives every world its stores and its Secret, finds what was changed behind its back, and reports.</summary>
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
        WorldPersistence world, WorldReport report, CancellationToken cancellationToken)
    {
        var pass = await BeginAsync(world, report, cancellationToken);
        var absent = AbsentStore.NeededBy(pass.Profile, pass.Backend);
        if (absent.Count == 0)
            await natsUsers.EnsureAsync(
                world, pass.Backend.Nats, () => report.WriteAsync(objects, cancellationToken), cancellationToken);

        var draft = pass.Request(secrets.Credentials(pass));
        var identity = await WorldIdentity.FindAsync(world, pass.Secret, stores.Postgres, draft, cancellationToken);
        if (!identity.IsKnown)
            return await AwaitIdentityAsync(pass, draft, identity.Obstacle, cancellationToken);

        var identified = draft with { Owner = draft.Owner with { Identities = identity.Identities } };
        if (absent.Count > 0)
            return await AwaitBackendAsync(pass, identified, cancellationToken);

        var step = rotation.Next(world, identified.Credentials);
        var announced = Announce(pass, identified, step);
        await EnsureSecretAsync(pass, pass.Secret, announced, cancellationToken);
        var request = step == RotationStep.Switch
            ? announced with { Credentials = secrets.Switched(announced.Credentials, pass) }
            : announced;

        var accepted = WorldOwners.AcceptsLoss(world);
        var loss = accepted ? await WorldLoss.FindAsync(stores.All, request, cancellationToken) : WorldLoss.None;
        var outcomes = loss.MayBeginAnew
            ? await BeginAnewAsync(pass, request, cancellationToken)
            : await EnsureAsync(pass, stores.All, request, cancellationToken);
        var used = outcomes.Where(outcome => pass.Profile.Uses(outcome.Store)).ToList();
        var hasSwitched = step == RotationStep.Switch && used.TrueForAll(outcome => outcome.IsSuccess);
        if (hasSwitched)
            await EndRotationAsync(pass, request, cancellationToken);

        await FollowIdentityAsync(pass, hasSwitched ? request : announced, cancellationToken);
        StoresRecord.SetChannel(world, request.Credentials);
        report.SumUp(stores.Names.Where(pass.Profile.Uses));
        await report.WriteAsync(objects, cancellationToken);
        if (accepted && IsSettled(pass, loss))
            await TakeOffAcceptanceAsync(world, cancellationToken);
        return Conclude(world, used, step);
    }

    private async Task<WorldPass> BeginAsync(
        WorldPersistence world, WorldReport report, CancellationToken cancellationToken)
    {
        var pass = new WorldPass(
            world,
            report,
            Backend: await backends.ResolveAsync(world, cancellationToken),
            Profile: WorldProfile.Resolve(world.Spec),
            Secret: await secrets.ReadAsync(world, cancellationToken));
        world.Status.Profile = pass.Profile.ToStatus(world.Spec);
        world.Status.Placement = WorldPlacement.Advise(pass.Profile);
        await RecordStoresAsync(pass, cancellationToken);
        return pass;
    }

    // Recorded before anything is made: a world deleted half made must be known to have something in its stores.
    private async Task RecordStoresAsync(WorldPass pass, CancellationToken cancellationToken)
    {
        if (pass.World.Status.Stores is not null)
            return;

        pass.World.Status.Stores = StoresRecord.Of(pass.Names, pass.Backend);
        pass.Report.NotReady(WorldPhase.Pending, WorldReason.Provisioning, "The world's stores are being made.");
        await pass.Report.WriteAsync(objects, cancellationToken);
    }

    private async Task<IReadOnlyList<StoreOutcome>> EnsureAsync(
        WorldPass pass,
        IReadOnlyList<IStoreProvisioner> provisioners,
        ProvisioningRequest request,
        CancellationToken cancellationToken)
    {
        var work = provisioners
            .Select(provisioner => WorldStores.EnsureAsync(provisioner, request, cancellationToken))
            .ToList();
        // An unforeseen exception in one store must not hide what was repaired in the others: the next reconcile would
        // find them in order, and nobody would learn of the repair.
        var all = Task.WhenAll(work);
        await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var ended in work.Where(ended => ended.IsCompletedSuccessfully))
            recorder.RecordEnsured(pass, request, await ended);
        return await all;
    }

    private async Task<IReadOnlyList<StoreOutcome>> BeginAnewAsync(
        WorldPass pass, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        ForgetState(pass.World);
        await pass.Report.WriteAsync(objects, cancellationToken);
        var forSchema = pass.AsRecorded(request) with { LossAccepted = true };
        var schema = await EnsureAsync(pass, [stores.Postgres], forSchema, cancellationToken);
        var hasSchema = schema[0].IsSuccess;
        if (hasSchema)
            pass.World.Status.Stores!.JournalProvisioned = null;

        var rest = pass.AsRecorded(request) with { LossAccepted = hasSchema };
        return [.. schema, .. await EnsureAsync(pass, stores.Others, rest, cancellationToken)];
    }

    // A new schema counts commits and tails from one again. That there was one is forgotten before it is made, and that
    // there was a journal once it is: wherever a pass is cut short, the next one takes nothing new for state to keep.
    private void ForgetState(WorldPersistence world)
    {
        world.Status.Stores!.SchemaProvisioned = null;
        world.Status.LastDivergence = null;
        world.Status.ForgetAgents();
        reports.Restart(ObjectKey.Of(world));
    }

    // An acceptance stays while the loss it was given for still stands in the way, and while a store that may have lost
    // state is unavailable. Redis is not asked, since no loss is ever found there. Waiting for Redis would keep a used
    // acceptance if the status could not be written after the world began anew, and the next loss would be accepted
    // unasked.
    private static bool IsSettled(WorldPass pass, WorldLoss loss) => loss.Stores.Count > 0
        ? loss.MayBeginAnew && loss.Stores.All(pass.Report.IsReady)
        : pass.Report.IsReady(StoreName.Postgres)
            && (pass.Profile.Journal != JournalKind.JetStream || pass.Report.IsReady(StoreName.Nats));

    // It was for what was lost until now: left in place, it would accept the next loss unasked.
    private async Task TakeOffAcceptanceAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        var none = new JsonObject { [OperatorNames.AcceptLossAnnotation] = null };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = none } };
        await objects.MergeAsync<WorldPersistence>(ObjectKey.Of(world), patch, cancellationToken);
    }

    private static ReconciliationResult<WorldPersistence> Conclude(
        WorldPersistence world, IEnumerable<StoreOutcome> used, RotationStep step)
    {
        if (used.FirstOrDefault(outcome => outcome.MayBeRetried)?.Failure is { } failure)
            return ReconciliationResult<WorldPersistence>.Failure(world, failure.Message);
        return ReconciliationResult<WorldPersistence>.Success(
            world, step is RotationStep.Announce or RotationStep.Wait ? CredentialRotation.Pause : null);
    }

    [LoggerMessage(5001, LogLevel.Information, "World {Namespace}/{Name} is not provisioned: {Reason}")]
    private partial void LogStopped(string @namespace, string name, WorldReason reason);
}
