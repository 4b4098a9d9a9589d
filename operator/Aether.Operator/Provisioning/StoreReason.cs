namespace Aether.Operator.Provisioning;

/// <summary>
/// Reasons of the conditions PostgresReady, RedisReady and NatsReady. The names are part of the API: they are written
/// to the conditions as they are here.
/// </summary>
internal enum StoreReason
{
    /// <summary>True: all is there and as it should be.</summary>
    Provisioned,

    /// <summary>True, of a backend: reachable with rights enough.</summary>
    Reachable,

    /// <summary>True, of NATS: there, but all worlds of the backend share the operator's own user.</summary>
    SharedCredentials,

    /// <summary>
    /// True, of NATS: the world has no user there and needs none, so it has no events. False: its journal lies there.
    /// </summary>
    NoOwnCredentials,

    /// <summary>
    /// True: the backend has no such store, and the world does without it. False: the world cannot.
    /// </summary>
    NotInBackend,

    /// <summary>Nothing was made yet: the world needs another store, which its backend does not have.</summary>
    AwaitingBackend,

    /// <summary>True, of NATS: there, but a journal lies on one server, whose word need not be a sync.</summary>
    JournalOnOneServer,

    /// <summary>True, of Redis: there, but the server forgets its users when it restarts.</summary>
    UsersNotPersisted,

    /// <summary>True, of Redis: there, but whether the server forgets its users at a restart is not known.</summary>
    PersistenceUnknown,

    /// <summary>True, of Redis: there, but all worlds of the backend share one user, as the backend asks for.</summary>
    SharedUser,

    /// <summary>The address of Redis leads to a replica, which takes no writes.</summary>
    ReadOnlyReplica,

    /// <summary>The address of Redis leads to a member of a Redis Cluster.</summary>
    ClusterNotSupported,

    /// <summary>The address of Redis leads to a sentinel, or that of a sentinel to none.</summary>
    SentinelAddress,

    /// <summary>The sentinels know no primary by the name that the backend gives.</summary>
    SentinelMasterUnknown,

    /// <summary>No answer from the host.</summary>
    Unreachable,

    /// <summary>The host refuses the credentials.</summary>
    AuthenticationFailed,

    /// <summary>The host asks for a client certificate, or does not accept the one that is presented.</summary>
    ClientCertificateRefused,

    /// <summary>The credentials do not suffice for what the operator has to do.</summary>
    PermissionDenied,

    /// <summary>The database does not exist.</summary>
    DatabaseNotFound,

    /// <summary>The store refused a request for another cause.</summary>
    Refused,

    /// <summary>Something by a name of this world exists and is not its.</summary>
    OwnedByAnother,

    /// <summary>The schema that held the world's state is gone, or a part of it.</summary>
    SchemaLost,

    /// <summary>The stream that held the world's journal is gone.</summary>
    StreamLost,

    /// <summary>
    /// Nothing was made yet: PostgreSQL has not shown yet whether the world is a new one or what its data carries.
    /// </summary>
    AwaitingPostgres,

    /// <summary>A Secret's content cannot be used.</summary>
    InvalidCredentials,
}
