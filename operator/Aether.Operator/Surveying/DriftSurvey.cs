using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Reconciling;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Surveying;

/// <summary>
/// Finds drift: reads the facts about all worlds of each backend from each store at once, once per interval, and
/// requests a reconcile of each world whose facts changed since the survey before. Only the leader surveys.
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
    private const double Spread = 0.1;

    private readonly ILogger _log = log;
    private readonly Dictionary<(string Backend, StoreName Store), StoreFacts> _facts = [];

    public string Name => "drift-survey";

    public async Task RunAsync(CancellationToken stopping, CancellationToken aborting)
    {
        await worlds.WaitForSyncAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stopping.IsCancellationRequested)
        {
            await TrySurveyAsync(stopping);
            var spread = 1 + (Spread * ((2 * Random.Shared.NextDouble()) - 1));
            await Task.Delay(options.DriftInterval * spread, clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TrySurveyAsync(CancellationToken stopping)
    {
        try
        {
            await SurveyAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next leader surveys.
        }
        catch (Exception exception)
        {
            // Like a failed reconcile: the next interval tries again.
            LogFailed(exception);
        }
    }

    private async Task SurveyAsync(CancellationToken cancellationToken)
    {
        var surveyed = worlds.List()
            .Where(world => !world.Spec.Paused
                && world.Metadata.DeletionTimestamp is null
                && WorldPersistenceValidator.Validate(world.Spec) is [])
            .ToList();
        var backends = surveyed.ToLookup(world => world.Spec.BackendRef.Name);
        foreach (var gone in _facts.Keys.Where(place => !backends.Contains(place.Backend)).ToList())
            _facts.Remove(gone);
        foreach (var backend in backends)
            await SurveyAsync(backend.Key, [.. backend], cancellationToken);
    }

    private async Task SurveyAsync(
        string backend, IReadOnlyList<WorldPersistence> users, CancellationToken cancellationToken)
    {
        BackendAccess access;
        try
        {
            access = await resolver.ResolveAsync(backend, cancellationToken);
        }
        catch (BackendException exception)
        {
            foreach (var provisioner in stores.All)
                Fail(backend, provisioner.Store, users, exception.Message);
            return;
        }

        foreach (var provisioner in stores.All.Where(each => access.Has(each.Store)))
            await SurveyAsync(provisioner, backend, access, users, cancellationToken);
    }

    private async Task SurveyAsync(
        IStoreProvisioner provisioner,
        string backend,
        BackendAccess access,
        IReadOnlyList<WorldPersistence> users,
        CancellationToken cancellationToken)
    {
        var surveyed = users.ToDictionary(
            world => WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name).Id, ObjectKey.Of);
        var started = clock.GetTimestamp();
        try
        {
            var found = await provisioner.SurveyAsync(access, [.. users.Select(Surveyed)], cancellationToken);
            var changed = FactsOf(backend, provisioner.Store).Take(
                surveyed.Keys, provisioner == stores.Postgres ? With(found, AccessOf(access)) : found);
            metrics.Surveyed(provisioner.Store, clock.GetElapsedTime(started), changed.Count);
            foreach (var id in changed)
                trigger.Add(surveyed[id]);
            if (changed.Count > 0)
                LogChanged(changed.Count, provisioner.Store.Display, backend);
        }
        catch (ProvisioningException exception)
        {
            Fail(backend, provisioner.Store, users, exception.Message);
        }
    }

    // Secrets outside the operator's namespace are not watched: a change of what they hold concerns all worlds.
    private string AccessOf(BackendAccess access) => StorePlace.Fingerprint(
    [
        .. stores.All.Where(each => access.Has(each.Store)).Select(each => $"{each.PlaceOf(access)}"),
        access.Nats?.WorldUsersFingerprint,
    ]);

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> found, string more) =>
        found.ToDictionary(entry => entry.Key, entry => $"{more} {entry.Value}");

    private void Fail(string backend, StoreName store, IReadOnlyList<WorldPersistence> users, string failure)
    {
        if (!FactsOf(backend, store).Fail(failure))
            return;
        LogUnreadable(store.Display, backend, failure);
        foreach (var world in users)
            trigger.Add(ObjectKey.Of(world));
    }

    private StoreFacts FactsOf(string backend, StoreName store) =>
        _facts.TryGetValue((backend, store), out var facts) ? facts : _facts[(backend, store)] = new StoreFacts();

    private static SurveyedWorld Surveyed(WorldPersistence world) => new(
        WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name), WorldProfile.Resolve(world.Spec));

    [LoggerMessage(5301, LogLevel.Debug,
        "{Count} worlds changed, appeared or disappeared in {Store} of backend {Backend}: inspecting them")]
    private partial void LogChanged(int count, string store, string backend);

    [LoggerMessage(5302, LogLevel.Warning,
        "Drift in {Store} of backend {Backend} cannot be surveyed; retrying each interval: {Failure}")]
    private partial void LogUnreadable(string store, string backend, string failure);

    [LoggerMessage(5303, LogLevel.Error, "The survey of drift failed with an unexpected exception; retrying")]
    private partial void LogFailed(Exception exception);
}
