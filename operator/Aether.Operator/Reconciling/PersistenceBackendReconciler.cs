using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;
using k8s;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Checks that a backend's stores can be reached with its credentials, and reports the result. It changes no store.
/// </summary>
[EntityRbac(typeof(PersistenceBackend), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[GenericRbac(
    Groups = [AetherNames.Group], Resources = [$"{PersistenceBackend.Plural}/status"], Verbs = RbacVerb.Update)]
internal sealed class PersistenceBackendReconciler(
    IObjectClient objects,
    IEventRecorder events,
    BackendResolver backends,
    IEnumerable<IStoreProvisioner> provisioners,
    TimeProvider clock) : IEntityController<PersistenceBackend>
{
    private readonly IReadOnlyList<IStoreProvisioner> _provisioners = [.. provisioners];

    public async Task<ReconciliationResult<PersistenceBackend>> ReconcileAsync(
        PersistenceBackend backend, CancellationToken cancellationToken)
    {
        var before = KubernetesJson.Serialize(backend.Status);
        backend.Status.ObservedGeneration = backend.Metadata.Generation;
        var conditions = new ConditionSet(backend.Status.Conditions ??= [], backend.Metadata.Generation, clock);

        var failure = await CheckAsync(backend, conditions, cancellationToken);
        Progress.Apply(conditions);
        if (KubernetesJson.Serialize(backend.Status) != before)
            await objects.ReplaceStatusAsync(backend, cancellationToken);
        return failure is null
            ? ReconciliationResult<PersistenceBackend>.Success(backend)
            : ReconciliationResult<PersistenceBackend>.Failure(backend, failure);
    }

    public Task<ReconciliationResult<PersistenceBackend>> DeletedAsync(
        PersistenceBackend backend, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<PersistenceBackend>.Success(backend));

    private async Task<string?> CheckAsync(
        PersistenceBackend backend, ConditionSet conditions, CancellationToken cancellationToken)
    {
        if (PersistenceBackendValidator.Validate(backend.Spec) is { Count: > 0 } errors)
        {
            NotReady(backend, conditions, WorldReason.InvalidSpec, string.Join("; ", errors) + ".");
            return null;
        }

        BackendAccess access;
        try
        {
            access = await backends.ReadAsync(backend.Spec, cancellationToken);
        }
        catch (BackendException exception)
        {
            NotReady(backend, conditions, exception.Reason, exception.Message);
            return exception.Message;
        }

        var failures = await Task.WhenAll(
            _provisioners.Select(provisioner => CheckAsync(provisioner, access, cancellationToken)));
        return Report(backend, access, conditions, failures);
    }

    private static async Task<ProvisioningException?> CheckAsync(
        IStoreProvisioner provisioner, BackendAccess access, CancellationToken cancellationToken)
    {
        try
        {
            await provisioner.CheckAsync(access, cancellationToken);
            return null;
        }
        catch (ProvisioningException exception)
        {
            return exception;
        }
    }

    private string? Report(
        PersistenceBackend backend,
        BackendAccess access,
        ConditionSet conditions,
        IReadOnlyList<ProvisioningException?> failures)
    {
        foreach (var (provisioner, failure) in _provisioners.Zip(failures))
        {
            var (type, display) = (provisioner.Store.Condition, provisioner.Store.Display);
            if (!access.Has(provisioner.Store))
                conditions.Set(type, ConditionStatus.True, StoreReason.NotInBackend,
                    AbsentStore.Describe(provisioner.Store));
            else if (failure is null)
                conditions.Set(type, ConditionStatus.True, StoreReason.Reachable, $"{display} answers.");
            else
                conditions.Set(type, ConditionStatus.False, failure.Reason, failure.Message);
        }

        var messages = failures.OfType<ProvisioningException>().Select(failure => failure.Message).ToList();
        if (messages.Count > 0)
        {
            var message = string.Join(" ", messages);
            NotReady(backend, conditions, WorldReason.StoresNotReady, message);
            return message;
        }

        const string allAnswer = "All stores answer.";
        if (conditions.Set(WorldConditions.Ready, ConditionStatus.True, WorldReason.AllStoresReady, allAnswer))
            events.Normal(backend, WorldEvents.StoreReady, WorldEvents.Resolve, allAnswer);
        return null;
    }

    private void NotReady(PersistenceBackend backend, ConditionSet conditions, WorldReason reason, string message)
    {
        if (conditions.Set(WorldConditions.Ready, ConditionStatus.False, reason, message))
            events.Warning(backend, reason.ToString(), WorldEvents.Resolve, message);
    }
}
