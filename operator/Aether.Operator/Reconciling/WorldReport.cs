using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Provisioning;
using k8s;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Collects the results of one reconcile of a world, writes them to the status if they changed it, and records an event
/// for each transition.
/// </summary>
internal sealed class WorldReport
{
    private readonly WorldPersistence _world;
    private readonly IEventRecorder _events;
    private readonly ConditionSet _conditions;
    private readonly TimeProvider _clock;
    private readonly List<string> _ready = [];
    private string _written;

    public WorldReport(WorldPersistence world, IEventRecorder events, TimeProvider clock)
    {
        _world = world;
        _events = events;
        _clock = clock;
        _written = Text(world);
        PreviousGeneration = world.Status.ObservedGeneration;
        world.Status.ObservedGeneration = world.Metadata.Generation;
        _conditions = new ConditionSet(world.Status.Conditions ??= [], world.Metadata.Generation, clock);
    }

    /// <summary>The generation that the previous reconcile reported on.</summary>
    public long? PreviousGeneration { get; }

    /// <summary>Whether the store's condition is true.</summary>
    public bool IsReady(StoreName store) => _conditions.IsTrue(store.Condition);

    /// <summary>
    /// Whether the store was in order at its last successful inspection, or has lost its data since. A difference found
    /// now was then made from outside. False for a store that the world did not have.
    /// </summary>
    public bool WasReady(StoreName store) =>
        (IsReady(store) && _conditions.Find(store.Condition)?.Reason
            is not (nameof(StoreReason.NotInBackend) or nameof(StoreReason.NoOwnCredentials)))
        || _conditions.Find(store.Condition) is
        {
            Status: nameof(ConditionStatus.False),
            Reason: nameof(StoreReason.Unreachable) or nameof(StoreReason.SchemaLost) or nameof(StoreReason.StreamLost),
        };

    /// <summary>Sets Ready to false for a cause other than a store.</summary>
    public void NotReady(WorldPhase phase, WorldReason reason, string message)
    {
        _world.Status.Phase = phase.ToString();
        if (_conditions.Set(WorldConditions.Ready, ConditionStatus.False, reason, message)
            && reason is not (WorldReason.Provisioning or WorldReason.Paused))
            _events.Warning(_world, reason.ToString(), WorldEvents.Resolve, message);
    }

    /// <summary>
    /// Sets a store's condition to true. All stores that became ready are reported by one event, once the status shows
    /// them.
    /// </summary>
    public void StoreReady(StoreName store, StoreReason reason, string message)
    {
        if (!_conditions.Set(store.Condition, ConditionStatus.True, reason, message)
            || reason == StoreReason.NotInBackend)
            return;
        if (reason == StoreReason.JournalOnOneServer)
            _events.Warning(_world, reason.ToString(), WorldEvents.Provision, $"{store.Display}: {message}");
        else
            _ready.Add($"{store.Display}: {message}");
    }

    /// <summary>
    /// Sets a store's condition to false, or to unknown if it is unreachable and was not in order before: its later
    /// provisioning is then not reported as a repair.
    /// </summary>
    public void StoreNotReady(StoreName store, StoreReason reason, string message)
    {
        var isNew = reason == StoreReason.Unreachable && !WasReady(store);
        var status = isNew ? ConditionStatus.Unknown : ConditionStatus.False;
        if (_conditions.Set(store.Condition, status, reason, message))
            _events.Warning(
                _world, WorldEvents.StoreNotReady, WorldEvents.Provision, $"{store.Display}: {reason}: {message}");
    }

    /// <summary>Reports repairs in a store. If the spec has not changed, the store was changed from outside.</summary>
    public void Repaired(StoreName store, IEnumerable<Drift> drifts)
    {
        var reason = PreviousGeneration == _world.Metadata.Generation
            ? WorldEvents.DriftRepaired
            : WorldEvents.StoreUpdated;
        var note = $"{store.Display}: repaired: {string.Join("; ", drifts.Select(drift => drift.What))}.";
        _events.Normal(_world, reason, WorldEvents.Provision, note);
    }

    /// <summary>Reports a diverged tail and keeps it in the status as the last one.</summary>
    public void Diverged(WorldDivergenceStatus tail)
    {
        _world.Status.LastDivergence = tail;
        _events.Warning(_world, WorldEvents.CommitsDiverged, WorldEvents.Recover,
            $"Commits {tail.FirstCommit} to {tail.LastCommit} of epoch {tail.Epoch} are not part of the world: "
            + $"'{tail.OvertakenBy}' opened it without them. They are kept in {tail.Folder} on volume {tail.VolumeId} "
            + "and were not merged: read them with 'aether diverged ls' and 'aether wal cat'.");
    }

    /// <summary>Sets or removes the condition for pods without an agent; null removes it.</summary>
    public void SetPodsWithoutAgent(string? message)
    {
        if (message is null)
            _conditions.Remove(PodsWithoutAgent.Type);
        else if (_conditions.Set(PodsWithoutAgent.Type, ConditionStatus.True, PodsWithoutAgent.Reason, message))
            _events.Warning(_world, PodsWithoutAgent.Reason, WorldEvents.Observe, message);
    }

    /// <summary>Reports that the world's Secret had to be rewritten.</summary>
    public void SecretUpdated(string name) =>
        _events.Normal(_world, WorldEvents.SecretUpdated, WorldEvents.Provision, $"Secret {name} was rewritten.");

    /// <summary>Reports that the Secret holds new credentials beside the current ones.</summary>
    public void CredentialsAnnounced(string secret) =>
        _events.Normal(_world, WorldEvents.CredentialsAnnounced, WorldEvents.Provision,
            $"Secret {secret} holds new credentials beside the current ones. The stores switch to them once every "
            + "agent has read them.");

    /// <summary>Reports that the stores accept only the new credentials.</summary>
    public void CredentialsRotated(string secret) =>
        _events.Normal(_world, WorldEvents.CredentialsRotated, WorldEvents.Provision,
            $"The stores accept the new credentials of Secret {secret} and no longer the former ones.");

    /// <summary>Summarizes the stores' conditions in Ready.</summary>
    public void SumUp(IEnumerable<StoreName> stores)
    {
        var failed = stores.Where(store => !IsReady(store)).ToList();
        if (failed.Count == 0)
        {
            WorldReadiness.Apply(_world, _conditions, _clock);
            return;
        }

        var provisioned = _world.Status.Stores?.SchemaProvisioned == true;
        _world.Status.Phase = (provisioned ? WorldPhase.Degraded : WorldPhase.Pending).ToString();
        var message = string.Join(" ", failed.Select(store =>
            $"{store.Condition}: {_conditions.Find(store.Condition)?.Message ?? "not inspected yet."}"));
        _conditions.Set(WorldConditions.Ready, ConditionStatus.False, WorldReason.StoresNotReady, message);
    }

    /// <summary>Writes the status if it differs from the last one written.</summary>
    public async Task WriteAsync(IObjectClient objects, CancellationToken cancellationToken)
    {
        Progress.Apply(_conditions);
        var text = Text(_world);
        if (text == _written)
            return;

        var stored = await objects.ReplaceStatusAsync(_world, cancellationToken);
        _world.Metadata.ResourceVersion = stored.Metadata.ResourceVersion;
        _written = text;
        ReportReady();
    }

    // After the status was written: if the write fails, the next reconcile finds the same transitions again.
    private void ReportReady()
    {
        if (_ready.Count > 0)
            _events.Normal(_world, WorldEvents.StoreReady, WorldEvents.Provision, string.Join(' ', _ready));
        _ready.Clear();
    }

    private static string Text(WorldPersistence world) => KubernetesJson.Serialize(world.Status);
}
