using System.Collections.Concurrent;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Reconciling;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Surveying;

/// <summary>
/// Finds drift. Once per interval it reads the facts about all worlds of each backend from each store at once, and
/// requests a reconcile of each world whose facts changed since the survey before. If a survey fails, it requests one
/// of every world: each is then inspected alone. Only the leader surveys, and a survey writes nothing.
/// </summary>
internal sealed partial class DriftSurvey(
    OperatorOptions options,
    BackendResolver resolver,
    WorldStores stores,
    IEntityCache<WorldPersistence> worlds,
    ReconcileTrigger<WorldPersistence> trigger,
    DriftMetrics metrics,
    TimeProvider clock,
    ILogger<DriftSurvey> log) : ILeaderLoop
{
    private readonly ILogger _log = log;
    private readonly ConcurrentDictionary<(string Backend, StoreName Store), StoreFacts> _facts = new();

    public string Name => "drift-survey";

    public async Task RunAsync(CancellationToken stopping, CancellationToken aborting)
    {
        try
        {
            await worlds.WaitForSyncAsync(stopping);
            while (true)
            {
                var next = Task.Delay(options.DriftInterval, clock, stopping);
                await SurveyAsync(stopping);
                await next;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next leader surveys.
        }
    }

    private async Task SurveyAsync(CancellationToken cancellationToken)
    {
        var backends = worlds.List()
            .Where(world => !world.Spec.Paused
                && world.Metadata.DeletionTimestamp is null
                && WorldPersistenceValidator.Validate(world.Spec) is [])
            .ToLookup(world => world.Spec.BackendRef.Name);
        foreach (var gone in _facts.Keys.Where(place => !backends.Contains(place.Backend)))
            _facts.TryRemove(gone, out _);

        // In parallel: a store that hangs must not delay the others.
        await Task.WhenAll(backends.Select(
            backend => SurveyAsync(backend.Key, [.. backend], cancellationToken)));
    }

    private async Task SurveyAsync(
        string backend, IReadOnlyList<WorldPersistence> users, CancellationToken cancellationToken)
    {
        BackendAccess access;
        try
        {
            access = await resolver.ResolveAsync(backend, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            foreach (var store in stores.Names)
                Fail(store, backend, users, exception);
            return;
        }

        await Task.WhenAll(stores.All.Where(each => access.Has(each.Store)).Select(
            provisioner => SurveyAsync(provisioner, backend, access, users, cancellationToken)));
    }

    private async Task SurveyAsync(
        IStoreProvisioner provisioner,
        string backend,
        BackendAccess access,
        IReadOnlyList<WorldPersistence> users,
        CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        try
        {
            var found = await provisioner.SurveyAsync(access, [.. users.Select(Surveyed)], cancellationToken);
            Take(provisioner.Store, backend, users, WithAccess(found, access), clock.GetElapsedTime(started));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(provisioner.Store, backend, users, exception);
        }
    }

    private void Take(
        StoreName store,
        string backend,
        IReadOnlyList<WorldPersistence> users,
        IReadOnlyDictionary<string, string> found,
        TimeSpan duration)
    {
        var keys = users.ToDictionary(world => NamesOf(world).Id, ObjectKey.Of);
        var facts = FactsOf(backend, store);
        if (facts.Failure is not null)
            LogReadable(store.Display, backend);
        var changed = facts.Take(keys.Keys, found);
        metrics.Surveyed(store, duration, changed.Count);
        if (changed.Count > 0)
            LogChanged(changed.Count, store.Display, backend);
        foreach (var id in changed)
            trigger.Add(keys[id]);
    }

    // Nothing vouches for these worlds, so each is inspected alone. That also makes their conditions report an outage.
    private void Fail(StoreName store, string backend, IReadOnlyList<WorldPersistence> users, Exception exception)
    {
        metrics.Failed(store);
        if (FactsOf(backend, store).Fail(exception.Message))
            LogUnreadable(
                exception is ProvisioningException or BackendException ? null : exception, store.Display, backend,
                exception.Message);
        foreach (var world in users)
            trigger.Add(ObjectKey.Of(world));
    }

    // A Secret outside the operator's namespace is not watched: a change of what it holds concerns all worlds.
    private Dictionary<string, string> WithAccess(IReadOnlyDictionary<string, string> found, BackendAccess access)
    {
        var secrets = StorePlace.Fingerprint(
        [
            .. stores.All.Where(each => access.Has(each.Store)).Select(each => $"{each.PlaceOf(access)}"),
            access.Nats?.WorldUsersFingerprint,
        ]);
        return found.ToDictionary(entry => entry.Key, entry => $"{secrets} {entry.Value}");
    }

    private StoreFacts FactsOf(string backend, StoreName store) =>
        _facts.GetOrAdd((backend, store), _ => new StoreFacts());

    private static SurveyedWorld Surveyed(WorldPersistence world) =>
        new(NamesOf(world), WorldProfile.Resolve(world.Spec));

    private static WorldNames NamesOf(WorldPersistence world) =>
        WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);

    [LoggerMessage(5301, LogLevel.Debug,
        "{Count} worlds changed, appeared or disappeared in {Store} of backend {Backend}: inspecting them")]
    private partial void LogChanged(int count, string store, string backend);

    [LoggerMessage(5302, LogLevel.Warning,
        "{Store} of backend {Backend} cannot be surveyed for drift, so each of its worlds is inspected alone, once per "
        + "interval: {Failure}")]
    private partial void LogUnreadable(Exception? exception, string store, string backend, string failure);

    [LoggerMessage(5303, LogLevel.Information, "{Store} of backend {Backend} can be surveyed for drift again")]
    private partial void LogReadable(string store, string backend);
}
