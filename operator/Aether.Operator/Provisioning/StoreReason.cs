namespace Aether.Operator.Provisioning;

/// <summary>
/// Reasons of the conditions PostgresReady, RedisReady and NatsReady. The names are part of the API: they appear in the
/// conditions as they are.
/// </summary>
internal enum StoreReason
{
    /// <summary>True: the store is provisioned.</summary>
    Provisioned,

    /// <summary>True, of a backend: the store is reachable, and the rights suffice.</summary>
    Reachable,

    /// <summary>True, of NATS: provisioned, but all worlds of the backend share the operator's own user.</summary>
    SharedCredentials,

    /// <summary>
    /// True, of NATS: the world has no user there and needs none, so it has no events. False: its journal is there, so
    /// it needs a user.
    /// </summary>
    NoOwnCredentials,

    /// <summary>
    /// True: the backend has no such store, and the world does not need it. False: the world needs it.
    /// </summary>
    NotInBackend,

    /// <summary>Nothing was created yet: the world needs another store, which its backend does not have.</summary>
    AwaitingBackend,

    /// <summary>
    /// True, of NATS: provisioned, but the journal is on a single server, which may acknowledge before it syncs.
    /// </summary>
    JournalOnOneServer,

    /// <summary>True, of Redis: provisioned, but the server loses its users when it restarts.</summary>
    UsersNotPersisted,

    /// <summary>
    /// True, of Redis: provisioned, but it is unknown whether the server loses its users when it restarts.
    /// </summary>
    PersistenceUnknown,

    /// <summary>
    /// True, of Redis: provisioned, and all worlds of the backend share one user, as the backend requests.
    /// </summary>
    SharedUser,

    /// <summary>The address of Redis leads to a replica, which refuses writes.</summary>
    ReadOnlyReplica,

    /// <summary>The address of Redis leads to a member of a Redis Cluster.</summary>
    ClusterNotSupported,

    /// <summary>The address of Redis leads to a sentinel, or the address of a sentinel does not.</summary>
    SentinelAddress,

    /// <summary>The sentinels do not know a primary under the backend's name for it.</summary>
    SentinelMasterUnknown,

    /// <summary>The host does not answer.</summary>
    Unreachable,

    /// <summary>The host refuses the credentials.</summary>
    AuthenticationFailed,

    /// <summary>The host requires a client certificate, or refuses the one presented.</summary>
    ClientCertificateRefused,

    /// <summary>The operator's user lacks rights that it needs.</summary>
    PermissionDenied,

    /// <summary>The database does not exist.</summary>
    DatabaseNotFound,

    /// <summary>The store refused a request for another reason.</summary>
    Refused,

    /// <summary>An object under one of this world's names exists and does not belong to this world.</summary>
    OwnedByAnother,

    /// <summary>The schema that held the world's state, or a part of it, is missing.</summary>
    SchemaLost,

    /// <summary>The stream that held the world's journal is missing.</summary>
    StreamLost,

    /// <summary>
    /// Nothing was created yet: PostgreSQL has not shown whether the world is new, or which identity its data carries.
    /// </summary>
    AwaitingPostgres,

    /// <summary>A Secret's content is unusable.</summary>
    InvalidCredentials,
}
