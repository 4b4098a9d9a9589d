using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>Maintains the record of a world's stores in its status.</summary>
internal static class StoresRecord
{
    /// <summary>The record before anything is provisioned.</summary>
    public static WorldStoresStatus Of(WorldNames names, BackendAccess backend) => new()
    {
        Schema = names.Schema,
        Role = names.Role,
        RedisUser = names.RedisUser,
        RedisKeyPrefix = names.RedisKeyPrefix,
        EventStream = names.EventStream,
        SubjectPrefix = names.SubjectPrefix,
        SecretName = names.Secret,
        ReportChannel = Channel(backend.Nats is not null),
    };

    /// <summary>Records that a store is provisioned.</summary>
    /// <param name="world">The world.</param>
    /// <param name="request">The request that the store fulfils.</param>
    /// <param name="store">The store.</param>
    /// <param name="reason">Reason of the store's condition.</param>
    public static void SetProvisioned(
        WorldPersistence world, ProvisioningRequest request, StoreName store, StoreReason reason)
    {
        if (world.Status.Stores is not { } stores
            || reason is StoreReason.NotInBackend or StoreReason.NoOwnCredentials)
            return;

        // Never reset: an optional store still holds the world's objects after the backend has stopped naming that
        // store.
        if (store == StoreName.Redis)
            stores.RedisProvisioned = true;
        else if (store == StoreName.Nats)
            stores.NatsProvisioned = true;

        var journal = request.Profile.Journal == JournalKind.JetStream;
        // Schema and stream belong together: a resource that adopted one must not get an empty other.
        var both = journal && request is { Owner.AdoptUid: not null, LossAccepted: false }
            && request is { WasProvisioned: false, JournalWasProvisioned: false };
        if (store == StoreName.Postgres || (both && store == StoreName.Nats))
            stores.SchemaProvisioned = true;
        if (journal && (store == StoreName.Nats || (both && store == StoreName.Postgres)))
            stores.JournalProvisioned = true;
    }

    /// <summary>
    /// Records how the world's agents report: through NATS if the Secret has a NATS login, otherwise through
    /// PostgreSQL.
    /// </summary>
    public static void SetChannel(WorldPersistence world, WorldCredentials credentials)
    {
        if (world.Status.Stores is { } stores)
            stores.ReportChannel = Channel(credentials.Nats is not null);
    }

    private static string Channel(bool throughNats) =>
        (throughNats ? ReportChannel.Nats : ReportChannel.Postgres).ToString();
}
