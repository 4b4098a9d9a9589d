using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>Keeps what a world's status says of its stores.</summary>
internal static class StoresRecord
{
    /// <summary>What it says before anything is made.</summary>
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

    /// <summary>Records that a store is as it should be.</summary>
    /// <param name="world">The world.</param>
    /// <param name="request">What it was to have.</param>
    /// <param name="store">The store.</param>
    /// <param name="reason">Reason of the store's condition.</param>
    public static void Made(WorldPersistence world, ProvisioningRequest request, StoreName store, StoreReason reason)
    {
        if (world.Status.Stores is not { } stores
            || reason is StoreReason.NotInBackend or StoreReason.NoOwnCredentials)
            return;

        // An optional store holds something of the world even after the backend names that store no more.
        if (store == StoreName.Redis)
            stores.RedisProvisioned = true;
        else if (store == StoreName.Nats)
            stores.NatsProvisioned = true;

        var journal = request.Profile.Journal == JournalKind.JetStream;
        // Schema and stream are one world: who took over the one is not to get the other empty.
        var both = journal && request is { Owner.AdoptUid: not null, LossAccepted: false }
            && request is { WasProvisioned: false, JournalWasProvisioned: false };
        if (store == StoreName.Postgres || (both && store == StoreName.Nats))
            stores.SchemaProvisioned = true;
        if (journal && (store == StoreName.Nats || (both && store == StoreName.Postgres)))
            stores.JournalProvisioned = true;
    }

    /// <summary>
    /// Records how the world's agents report: through NATS where its Secret says how to log in there, and else through
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
