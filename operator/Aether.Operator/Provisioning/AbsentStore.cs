using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>Worlds whose backend lacks an optional store: Redis or NATS.</summary>
internal static class AbsentStore
{
    /// <summary>The stores that a world needs and its backend does not have.</summary>
    public static IReadOnlyList<StoreName> NeededBy(WorldProfile profile, BackendAccess backend) =>
    [
        .. new[] { StoreName.Redis, StoreName.Nats }
            .Where(store => !backend.Has(store) && WhyNeeded(store, profile) is not null),
    ];

    /// <summary>The inspection of an absent store for a world that does not need it.</summary>
    /// <exception cref="ProvisioningException">The world needs the store.</exception>
    public static StoreInspection Inspect(StoreName store, ProvisioningRequest request) =>
        WhyNeeded(store, request.Profile) is { } need
            ? throw new ProvisioningException(StoreReason.NotInBackend,
                $"{need.Why}, and its PersistenceBackend has no {store.Display} ({store.Field}). Set {store.Field} of "
                + $"the backend, or {need.Instead}. Until then, nothing in this world's stores is changed.")
            : new StoreInspection([])
            {
                Reason = StoreReason.NotInBackend,
                Message = $"The world's PersistenceBackend has no {store.Display} ({store.Field}), and this world does "
                    + $"not need it{Consequence(store)}.",
            };

    /// <summary>The message of the backend's own condition.</summary>
    public static string Describe(StoreName store) =>
        $"The backend has no {store.Display}: {store.Field} is not set. Worlds that need it are refused"
        + $"{Consequence(store)}.";

    /// <summary>The failure of an access to an absent store.</summary>
    public static ProvisioningException Missing(StoreName store) =>
        new(StoreReason.NotInBackend, $"The PersistenceBackend has no {store.Display}: set {store.Field}.");

    /// <summary>The failure to drop a world's objects in a store that its backend no longer names.</summary>
    public static ProvisioningException NotDropped(StoreName store) => new(StoreReason.NotInBackend,
        $"This world had data in {store.Display}, and its PersistenceBackend no longer has {store.Display}, so the "
        + $"data cannot be dropped. Set {store.Field} of the backend again.");

    private static string Consequence(StoreName store) => store == StoreName.Nats
        ? "; worlds have no events, and their agents report through PostgreSQL"
        : "";

    private static (string Why, string Instead)? WhyNeeded(StoreName store, WorldProfile profile)
    {
        if (store == StoreName.Redis && profile.SnapshotStore == SnapshotStoreKind.Redis)
            return ("This world's snapshots go to Redis (spec.snapshot.store, the default of class Ephemeral)",
                "create another WorldPersistence with spec.snapshot.store Postgres or Volume");
        if (store == StoreName.Nats && profile.Journal == JournalKind.JetStream)
            return ("This world's journal is in JetStream (spec.wal.journal)",
                "create another WorldPersistence with spec.wal.journal Postgres");
        return store == StoreName.Nats && profile.AsksForEvents
            ? ("This world asks for events (spec.events)", "remove spec.events of the world")
            : null;
    }
}
