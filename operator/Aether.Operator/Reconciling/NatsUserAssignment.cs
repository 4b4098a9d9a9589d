using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Gives each world a NATS user of its own from the list that the platform team supplied, and remembers it in the
/// world's status. No two worlds ever have the same user at the same time.
/// </summary>
internal sealed class NatsUserAssignment(IObjectClient objects, OperatorOptions options) : IDisposable
{
    // Held from the search for a free user until the status that names it is written: two reconciles at once must not
    // both find the same user free.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Has the world's status name a user that is on the list, if there is one.</summary>
    /// <param name="world">The world; its stores are in its status.</param>
    /// <param name="nats">The backend's NATS; null where it has none.</param>
    /// <param name="writeAsync">Writes the status.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task EnsureAsync(
        WorldPersistence world, NatsAccess? nats, Func<Task> writeAsync, CancellationToken cancellationToken)
    {
        var stores = world.Status.Stores!;
        if (nats is not { SigningSeed: null, WorldUsers: { } list })
        {
            stores.NatsUser = null;
            return;
        }

        if (list.Find(stores.NatsUser) is not null)
            return;

        await _turn.WaitAsync(cancellationToken);
        try
        {
            var name = $"{world.Metadata.NamespaceProperty}.{world.Metadata.Name}";
            stores.NatsUser = list.Choose(name, await TakenAsync(world, cancellationToken));
            await writeAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    // From the API server, not from a cache, which may lag behind the writes of other reconciles.
    private async Task<IReadOnlySet<string>> TakenAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var watched = options.WatchedNamespaces;
        foreach (var @namespace in watched.Count > 0 ? watched.Cast<string?>() : new string?[] { null })
        {
            var others = await objects.ListAsync<WorldPersistence>(@namespace, null, cancellationToken);
            taken.UnionWith(others
                .Where(other => other.Metadata.Uid != world.Metadata.Uid)
                .Select(other => other.Status.Stores?.NatsUser)
                .OfType<string>());
        }

        return taken;
    }
}
