namespace Aether.Operator.Provisioning;

/// <summary>Reasons of the conditions PostgresReady, RedisReady and NatsReady.</summary>
internal static class StoreReasons
{
    /// <summary>True: all is there and as it should be.</summary>
    public const string Provisioned = "Provisioned";

    /// <summary>True, of a backend: reachable with rights enough.</summary>
    public const string Reachable = "Reachable";

    /// <summary>True, of NATS: there, but all worlds of the backend share the operator's own user.</summary>
    public const string SharedCredentials = "SharedCredentials";

    /// <summary>
    /// True, of NATS: the world has no user there and needs none, so it has no events. False: its journal lies there.
    /// </summary>
    public const string NoOwnCredentials = "NoOwnCredentials";

    /// <summary>
    /// True: the backend has no such store, and the world does without it. False: the world cannot.
    /// </summary>
    public const string NotInBackend = "NotInBackend";

    /// <summary>Nothing was made yet: the world needs another store, which its backend does not have.</summary>
    public const string AwaitingBackend = "AwaitingBackend";

    /// <summary>True, of NATS: there, but a journal lies on one server, whose word need not be a sync.</summary>
    public const string JournalOnOneServer = "JournalOnOneServer";

    /// <summary>True, of Redis: there, but the server forgets its users when it restarts.</summary>
    public const string UsersNotPersisted = "UsersNotPersisted";

    /// <summary>True, of Redis: there, but whether the server forgets its users at a restart is not known.</summary>
    public const string PersistenceUnknown = "PersistenceUnknown";

    /// <summary>True, of Redis: there, but all worlds of the backend share one user, as the backend asks for.</summary>
    public const string SharedUser = "SharedUser";

    /// <summary>The address of Redis leads to a replica, which takes no writes.</summary>
    public const string ReadOnlyReplica = "ReadOnlyReplica";

    /// <summary>The address of Redis leads to a member of a Redis Cluster.</summary>
    public const string ClusterNotSupported = "ClusterNotSupported";

    /// <summary>The address of Redis leads to a sentinel, or that of a sentinel to none.</summary>
    public const string SentinelAddress = "SentinelAddress";

    /// <summary>The sentinels know no primary by the name that the backend gives.</summary>
    public const string SentinelMasterUnknown = "SentinelMasterUnknown";

    /// <summary>No answer from the host.</summary>
    public const string Unreachable = "Unreachable";

    /// <summary>The host refuses the credentials.</summary>
    public const string AuthenticationFailed = "AuthenticationFailed";

    /// <summary>The host asks for a client certificate, or does not accept the one that is presented.</summary>
    public const string ClientCertificateRefused = "ClientCertificateRefused";

    /// <summary>The credentials do not suffice for what the operator has to do.</summary>
    public const string PermissionDenied = "PermissionDenied";

    /// <summary>The database does not exist.</summary>
    public const string DatabaseNotFound = "DatabaseNotFound";

    /// <summary>The store refused a request for another cause.</summary>
    public const string Refused = "Refused";

    /// <summary>Something by a name of this world exists and is not its.</summary>
    public const string OwnedByAnother = "OwnedByAnother";

    /// <summary>The schema that held the world's state is gone, or a part of it.</summary>
    public const string SchemaLost = "SchemaLost";

    /// <summary>The stream that held the world's journal is gone.</summary>
    public const string StreamLost = "StreamLost";

    /// <summary>
    /// Nothing was made yet: PostgreSQL has not shown yet whether the world is a new one or what its data carries.
    /// </summary>
    public const string AwaitingPostgres = "AwaitingPostgres";

    /// <summary>A Secret's content cannot be used.</summary>
    public const string InvalidCredentials = "InvalidCredentials";

    /// <summary>Those of a condition that is False: all that a <see cref="ProvisioningException"/> can say.</summary>
    public static IReadOnlyList<string> Failures { get; } =
    [
        Unreachable, AuthenticationFailed, PermissionDenied, DatabaseNotFound, Refused, OwnedByAnother, SchemaLost,
        StreamLost, InvalidCredentials, ReadOnlyReplica, ClusterNotSupported, SentinelAddress, SentinelMasterUnknown,
        NoOwnCredentials, NotInBackend, ClientCertificateRefused,
    ];
}
