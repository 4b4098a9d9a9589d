namespace Aether.Persistence.Contracts;

/// <summary>
/// Names of the settings that an agent reads: environment variables, or files of these names in the folder where the
/// world's Secret is mounted. The operator writes them and the agent reads them. The world's own container gets only
/// <see cref="Socket"/> and <see cref="HttpSocket"/>.
/// </summary>
public static class AetherVariables
{
    /// <summary>Path of the agent's gRPC Unix socket. Set in the agent and in the world's containers.</summary>
    public const string Socket = "AETHER_SOCKET";

    /// <summary>Path of the JSON API's Unix socket, for curl. Set in the agent and in the world's containers.</summary>
    public const string HttpSocket = "AETHER_HTTP_SOCKET";

    /// <summary>Address for /healthz, /readyz and /metrics: <c>ip:port</c>. No state is served there.</summary>
    public const string HealthAddress = "AETHER_HEALTH_ADDRESS";

    /// <summary>
    /// Folder with one file per setting (the projected Secret). Environment variables take precedence over it.
    /// </summary>
    public const string ConfigDirectory = "AETHER_CONFIG_DIRECTORY";

    /// <summary>Name of the world.</summary>
    public const string WorldName = "AETHER_WORLD_NAME";

    /// <summary>Namespace of the world.</summary>
    public const string WorldNamespace = "AETHER_WORLD_NAMESPACE";

    /// <summary>UID of the WorldPersistence; the owner mark in every store.</summary>
    public const string WorldUid = "AETHER_WORLD_UID";

    /// <summary>
    /// Identity in the world's log, volume and snapshots, followed by other identities that are accepted there,
    /// separated by commas. If absent, the identity is the UID.
    /// </summary>
    public const string WorldIdentity = "AETHER_WORLD_IDENTITY";

    /// <summary>Class of the world: Durable or Ephemeral.</summary>
    public const string WorldClass = "AETHER_WORLD_CLASS";

    /// <summary>Name of this agent in the lease: the pod's name.</summary>
    public const string Holder = "AETHER_HOLDER";

    /// <summary>Hash of what was injected into the pod, for the agent's reports. May be absent.</summary>
    public const string Revision = "AETHER_REVISION";

    /// <summary>
    /// Revision of the credentials. It changes with each rotation, so that a report shows which credentials its agent
    /// has.
    /// </summary>
    public const string CredentialsRevision = "AETHER_CREDENTIALS_REVISION";

    /// <summary>Host of PostgreSQL.</summary>
    public const string PostgresHost = "AETHER_POSTGRES_HOST";

    /// <summary>Port of PostgreSQL.</summary>
    public const string PostgresPort = "AETHER_POSTGRES_PORT";

    /// <summary>
    /// Hosts of PostgreSQL, each with its port, separated by commas, if there are several of which one is the primary.
    /// Absent or empty: the single host is used.
    /// </summary>
    public const string PostgresHosts = "AETHER_POSTGRES_HOSTS";

    /// <summary>Which of several hosts to use: Primary or ReadWrite.</summary>
    public const string PostgresTargetSession = "AETHER_POSTGRES_TARGET_SESSION";

    /// <summary>Database.</summary>
    public const string PostgresDatabase = "AETHER_POSTGRES_DATABASE";

    /// <summary>Schema of the world.</summary>
    public const string PostgresSchema = "AETHER_POSTGRES_SCHEMA";

    /// <summary>Login role of the world.</summary>
    public const string PostgresUsername = "AETHER_POSTGRES_USERNAME";

    /// <summary>Password of the login role.</summary>
    public const string PostgresPassword = "AETHER_POSTGRES_PASSWORD";

    /// <summary>Password that is about to replace the role's; absent outside a rotation.</summary>
    public const string PostgresNextPassword = "AETHER_POSTGRES_NEXT_PASSWORD";

    /// <summary>Npgsql's SslMode: Disable, Prefer, Require, VerifyCA or VerifyFull.</summary>
    public const string PostgresSslMode = "AETHER_POSTGRES_SSL_MODE";

    /// <summary>PEM text of the CA that signed PostgreSQL's certificate; empty: the system's CAs.</summary>
    public const string PostgresRootCertificate = "AETHER_POSTGRES_ROOT_CERTIFICATE";

    /// <summary>
    /// PEM text of the certificate to present to PostgreSQL, followed by intermediate CAs; empty: none.
    /// </summary>
    public const string PostgresClientCertificate = "AETHER_POSTGRES_CLIENT_CERTIFICATE";

    /// <summary>PEM text of the private key of <see cref="PostgresClientCertificate"/>.</summary>
    public const string PostgresClientKey = "AETHER_POSTGRES_CLIENT_KEY";

    /// <summary>
    /// Whether statements are prepared: Auto (unless a pooler is detected in front of the server) or Never.
    /// </summary>
    public const string PostgresPreparedStatements = "AETHER_POSTGRES_PREPARED_STATEMENTS";

    /// <summary>Redis endpoint, <c>host:port</c>; absent if sentinels name it.</summary>
    public const string RedisEndpoint = "AETHER_REDIS_ENDPOINT";

    /// <summary>Sentinels that know Redis' primary, <c>host:port</c> with commas between; may be absent.</summary>
    public const string RedisSentinels = "AETHER_REDIS_SENTINELS";

    /// <summary>The primary's name in the sentinels' configuration.</summary>
    public const string RedisSentinelMaster = "AETHER_REDIS_SENTINEL_MASTER";

    /// <summary>User of the sentinels, if they require one.</summary>
    public const string RedisSentinelUsername = "AETHER_REDIS_SENTINEL_USERNAME";

    /// <summary>Password of the user of the sentinels.</summary>
    public const string RedisSentinelPassword = "AETHER_REDIS_SENTINEL_PASSWORD";

    /// <summary>Redis ACL user of the world.</summary>
    public const string RedisUsername = "AETHER_REDIS_USERNAME";

    /// <summary>Password of the ACL user.</summary>
    public const string RedisPassword = "AETHER_REDIS_PASSWORD";

    /// <summary>Password that is about to replace the ACL user's; absent outside a rotation.</summary>
    public const string RedisNextPassword = "AETHER_REDIS_NEXT_PASSWORD";

    /// <summary>Prefix of every key of the world.</summary>
    public const string RedisKeyPrefix = "AETHER_REDIS_KEY_PREFIX";

    /// <summary>"true" to use TLS with Redis.</summary>
    public const string RedisTls = "AETHER_REDIS_TLS";

    /// <summary>PEM text of the CAs for Redis's certificate; empty: the system's CAs.</summary>
    public const string RedisRootCertificate = "AETHER_REDIS_ROOT_CERTIFICATE";

    /// <summary>PEM text of the certificate to present to Redis, followed by intermediate CAs; empty: none.</summary>
    public const string RedisClientCertificate = "AETHER_REDIS_CLIENT_CERTIFICATE";

    /// <summary>PEM text of the private key of <see cref="RedisClientCertificate"/>.</summary>
    public const string RedisClientKey = "AETHER_REDIS_CLIENT_KEY";

    /// <summary>NATS URLs, comma-separated.</summary>
    public const string NatsUrl = "AETHER_NATS_URL";

    /// <summary>PEM text of the CAs for the certificate of NATS; empty: the system's CAs.</summary>
    public const string NatsRootCertificate = "AETHER_NATS_ROOT_CERTIFICATE";

    /// <summary>PEM text of the certificate to present to NATS, followed by intermediate CAs; empty: none.</summary>
    public const string NatsClientCertificate = "AETHER_NATS_CLIENT_CERTIFICATE";

    /// <summary>PEM text of the private key of <see cref="NatsClientCertificate"/>.</summary>
    public const string NatsClientKey = "AETHER_NATS_CLIENT_KEY";

    /// <summary>JetStream domain of the streams; absent: the domain of the connected server.</summary>
    public const string NatsDomain = "AETHER_NATS_DOMAIN";

    /// <summary>Text of a NATS creds file (user JWT and seed), if the backend issues one per world.</summary>
    public const string NatsCredentials = "AETHER_NATS_CREDENTIALS";

    /// <summary>Shared NATS user, if the backend has no account signing key.</summary>
    public const string NatsUsername = "AETHER_NATS_USERNAME";

    /// <summary>Password of the shared NATS user.</summary>
    public const string NatsPassword = "AETHER_NATS_PASSWORD";

    /// <summary>Name of the JetStream stream that keeps the world's events.</summary>
    public const string NatsEventStream = "AETHER_NATS_EVENT_STREAM";

    /// <summary>Name of the JetStream stream that holds the world's journal, if its journal is in JetStream.</summary>
    public const string NatsJournalStream = "AETHER_NATS_JOURNAL_STREAM";

    /// <summary>Prefix of every subject of the world, with a dot at the end.</summary>
    public const string NatsSubjectPrefix = "AETHER_NATS_SUBJECT_PREFIX";

    /// <summary>"true" or "false": whether the world has a write-ahead log.</summary>
    public const string WalEnabled = "AETHER_WAL_ENABLED";

    /// <summary>Folder of the write-ahead log.</summary>
    public const string WalDirectory = "AETHER_WAL_DIRECTORY";

    /// <summary>Longest time that a Batched commit stays off the disk, in milliseconds.</summary>
    public const string WalFlushIntervalMs = "AETHER_WAL_FLUSH_INTERVAL_MS";

    /// <summary>How long the lease of the writer is valid without renewal, in milliseconds.</summary>
    public const string WalLeaseMs = "AETHER_WAL_LEASE_MS";

    /// <summary>Durability of a commit that does not name one: Memory, Batched, Fsync or Replicated.</summary>
    public const string WalDefaultDurability = "AETHER_WAL_DEFAULT_DURABILITY";

    /// <summary>Size of a segment, in bytes.</summary>
    public const string WalSegmentBytes = "AETHER_WAL_SEGMENT_BYTES";

    /// <summary>Where the journal is stored: Postgres or JetStream.</summary>
    public const string WalJournal = "AETHER_WAL_JOURNAL";

    /// <summary>Most bytes of the log on the volume.</summary>
    public const string WalMaxBytes = "AETHER_WAL_MAX_BYTES";

    /// <summary>How many bytes the journal may be behind before acknowledgements wait; 0 or absent: no limit.</summary>
    public const string WalMaxLagBytes = "AETHER_WAL_MAX_LAG_BYTES";

    /// <summary>
    /// How many seconds the journal may be behind before acknowledgements wait; 0 or absent: no limit.
    /// </summary>
    public const string WalMaxLagSeconds = "AETHER_WAL_MAX_LAG_SECONDS";

    /// <summary>Most bytes of all keys and values; 0 or absent: no limit.</summary>
    public const string QuotaStateBytes = "AETHER_QUOTA_STATE_BYTES";

    /// <summary>Memory limit of the agent's container in bytes; 0 or absent: the agent determines it itself.</summary>
    public const string MemoryLimitBytes = "AETHER_MEMORY_LIMIT_BYTES";

    /// <summary>What to do when the journal cannot be reached: Continue or Block.</summary>
    public const string WalOnJournalLoss = "AETHER_WAL_ON_JOURNAL_LOSS";

    /// <summary>Seconds between snapshots.</summary>
    public const string SnapshotIntervalSeconds = "AETHER_SNAPSHOT_INTERVAL_SECONDS";

    /// <summary>How many snapshots are kept.</summary>
    public const string SnapshotMaxRetained = "AETHER_SNAPSHOT_MAX_RETAINED";

    /// <summary>For how many seconds every commit can be recovered, whether or not a snapshot was taken then.</summary>
    public const string SnapshotRecoveryWindowSeconds = "AETHER_SNAPSHOT_RECOVERY_WINDOW_SECONDS";

    /// <summary>Where snapshots are stored: Postgres, Redis or Volume.</summary>
    public const string SnapshotStore = "AETHER_SNAPSHOT_STORE";

    /// <summary>Priorities of critical kinds, <c>kind=High,other=Low</c>.</summary>
    public const string CriticalKinds = "AETHER_CRITICAL_KINDS";

    /// <summary>Seconds a stopping agent may take to drain, ship and snapshot.</summary>
    public const string StopGraceSeconds = "AETHER_STOP_GRACE_SECONDS";

    /// <summary>Trace, Debug, Information, Warning or Error.</summary>
    public const string LogLevel = "AETHER_LOG_LEVEL";

    /// <summary>Text or Json.</summary>
    public const string LogFormat = "AETHER_LOG_FORMAT";
}
