using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Assigns each world its own NATS user from the platform team's list and records it in the world's status. No two
/// worlds have the same user at the same time.
/// </summary>
internal sealed class NatsUserAssignment(IObjectClient objects, OperatorOptions options) : IDisposable
{
    // Held by a reconcile from its search for a free user until the status that names the user is written. Without it,
    // two workers could find the same user free.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Ensures that the world's status names a user of the list, if the backend has a list.</summary>
    /// <param name="world">The world; its status must name its stores.</param>
    /// <param name="nats">The backend's NATS; null if it has none.</param>
    /// <param name="writeAsync">Writes the status.</param>
    /// <param name="cancellationToken">Cancels the assignment.</param>
    public async Task EnsureAsync(
        WorldPersistence world, NatsAccess? nats, Func<Task> writeAsync, CancellationToken cancellationToken)
    {
        var stores = world.Status.Stores!;
        if (ListOf(nats) is not { } list)
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

    /// <summary>Whether the world waits for a user of the list to become free.</summary>
    public static bool IsAwaited(WorldPersistence world, NatsAccess? nats) =>
        ListOf(nats) is not null && world.Status.Stores?.NatsUser is null;

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private static NatsUserList? ListOf(NatsAccess? nats) => nats is { SigningSeed: null } ? nats.WorldUsers : null;

    // Read from the API server: a cache may lag behind the writes of other reconciles.
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
