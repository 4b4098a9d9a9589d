using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>What it means for a world that its backend lacks a store: Redis and NATS are optional.</summary>
internal static class AbsentStore
{
    /// <summary>The stores that a world cannot be served without and its backend does not have.</summary>
    public static IReadOnlyList<StoreName> NeededBy(WorldProfile profile, BackendAccess backend) =>
    [
        .. new[] { StoreName.Redis, StoreName.Nats }
            .Where(store => !backend.Has(store) && WhyNeeded(store, profile) is not null),
    ];

    /// <summary>The store's condition for a world that does without it.</summary>
    /// <exception cref="ProvisioningException">The world needs the store.</exception>
    public static StoreInspection Inspect(StoreName store, ProvisioningRequest request) =>
        WhyNeeded(store, request.Profile) is { } need
            ? throw new ProvisioningException(StoreReason.NotInBackend,
                $"{need.Why}, and its PersistenceBackend has no {store.Display} ({store.Field}). Set {store.Field} of "
                + $"the backend, or {need.Instead}. Until then nothing of this world is changed.")
            : new StoreInspection([])
            {
                Reason = StoreReason.NotInBackend,
                Message = $"The world's PersistenceBackend has no {store.Display} ({store.Field}), and this world does "
                    + $"not need it{Without(store)}.",
            };

    /// <summary>What the backend's own condition says.</summary>
    public static string Describe(StoreName store) =>
        $"The backend has no {store.Display}: {store.Field} is not set. Worlds that need it are refused"
        + $"{Without(store)}.";

    /// <summary>The refusal to use a store that is not there.</summary>
    public static ProvisioningException NotThere(StoreName store) =>
        new(StoreReason.NotInBackend, $"The PersistenceBackend has no {store.Display}: set {store.Field}.");

    /// <summary>The refusal to drop what cannot be reached any more.</summary>
    public static ProvisioningException NotDropped(StoreName store) => new(StoreReason.NotInBackend,
        $"This world had something in {store.Display}, and its PersistenceBackend has no {store.Display} any more, so "
        + $"it cannot be dropped there. Set {store.Field} of the backend again.");

    private static string Without(StoreName store) => store == StoreName.Nats
        ? "; worlds have no events, and their agents report through PostgreSQL"
        : "";

    private static (string Why, string Instead)? WhyNeeded(StoreName store, WorldProfile profile)
    {
        if (store == StoreName.Redis && profile.SnapshotStore == SnapshotStoreKind.Redis)
            return ("This world's snapshots go to Redis (spec.snapshot.store, the default of class Ephemeral)",
                "make another WorldPersistence with spec.snapshot.store Postgres or Volume");
        if (store == StoreName.Nats && profile.Journal == JournalKind.JetStream)
            return ("This world's journal is in JetStream (spec.wal.journal)",
                "make another WorldPersistence with spec.wal.journal Postgres");
        return store == StoreName.Nats && profile.AsksForEvents
            ? ("This world asks for events (spec.events)", "remove spec.events of the world")
            : null;
    }
}
