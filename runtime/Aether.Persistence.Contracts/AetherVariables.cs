namespace Aether.Persistence.Contracts;

/// <summary>
/// Names of the settings an agent reads: environment variables, or files of these names in the folder that the
/// world's Secret is mounted at. The operator writes them, the agent reads them; nobody else needs them, save
/// <see cref="Socket"/> and <see cref="HttpSocket"/>, which the world's own container gets.
/// </summary>
public static class AetherVariables
{
    /// <summary>Path of the agent's gRPC Unix socket. Set in the agent and in the world's containers.</summary>
    public const string Socket = "AETHER_SOCKET";

    /// <summary>Path of the JSON API's Unix socket, for curl. Set in the agent and in the world's containers.</summary>
    public const string HttpSocket = "AETHER_HTTP_SOCKET";

    /// <summary>Address for /healthz, /readyz and /metrics: <c>ip:port</c>. No state is served there.</summary>
    public const string HealthAddress = "AETHER_HEALTH_ADDRESS";

    /// <summary>Folder with one file per setting (the projected Secret). The environment wins over it.</summary>
    public const string ConfigDirectory = "AETHER_CONFIG_DIRECTORY";

    /// <summary>Name of the world.</summary>
    public const string WorldName = "AETHER_WORLD_NAME";

    /// <summary>Namespace of the world.</summary>
    public const string WorldNamespace = "AETHER_WORLD_NAMESPACE";

    /// <summary>UID of the WorldPersistence; the owner mark in every store.</summary>
    public const string WorldUid = "AETHER_WORLD_UID";

    /// <summary>
    /// Identity that the world's log, volume and snapshots carry, then other identities that they may carry, separated
    /// by commas. May be absent: the identity is then the UID.
    /// </summary>
    public const string WorldIdentity = "AETHER_WORLD_IDENTITY";

    /// <summary>Class of the world: Durable or Ephemeral.</summary>
    public const string WorldClass = "AETHER_WORLD_CLASS";

    /// <summary>Who this agent is, in the lease: the pod's name.</summary>
    public const string Holder = "AETHER_HOLDER";

    /// <summary>Hash of what was injected into the pod, for its reports. May be absent.</summary>
    public const string Revision = "AETHER_REVISION";

    /// <summary>
    /// Which credentials these are: changes with each rotation, so that a report says whether its agent has them.
    /// </summary>
    public const string CredentialsRevision = "AETHER_CREDENTIALS_REVISION";

    /// <summary>Host of PostgreSQL.</summary>
    public const string PostgresHost = "AETHER_POSTGRES_HOST";

    /// <summary>Port of PostgreSQL.</summary>
    public const string PostgresPort = "AETHER_POSTGRES_PORT";

    /// <summary>
    /// Hosts of PostgreSQL, each with its port, separated by commas: where there are several, of which one is the
    /// primary. Absent or empty: the one host is meant.
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

    /// <summary>Password that is about to replace the role's; absent unless one is.</summary>
    public const string PostgresNextPassword = "AETHER_POSTGRES_NEXT_PASSWORD";

    /// <summary>Npgsql's SslMode: Disable, Prefer, Require, VerifyCA or VerifyFull.</summary>
    public const string PostgresSslMode = "AETHER_POSTGRES_SSL_MODE";

    /// <summary>PEM text of the CA that signed PostgreSQL's certificate; empty: the system's CAs.</summary>
    public const string PostgresRootCertificate = "AETHER_POSTGRES_ROOT_CERTIFICATE";

    /// <summary>PEM text of the certificate to present to PostgreSQL, intermediate CAs after it; empty: none.</summary>
    public const string PostgresClientCertificate = "AETHER_POSTGRES_CLIENT_CERTIFICATE";

    /// <summary>PEM text of the private key of <see cref="PostgresClientCertificate"/>.</summary>
    public const string PostgresClientKey = "AETHER_POSTGRES_CLIENT_KEY";

    /// <summary>
    /// Whether statements are prepared: Auto (unless a pooler is found before the server) or Never.
    /// </summary>
    public const string PostgresPreparedStatements = "AETHER_POSTGRES_PREPARED_STATEMENTS";

    /// <summary>Redis endpoint, <c>host:port</c>; absent where sentinels know it.</summary>
    public const string RedisEndpoint = "AETHER_REDIS_ENDPOINT";

    /// <summary>Sentinels that know Redis' primary, <c>host:port</c> with commas between; may be absent.</summary>
    public const string RedisSentinels = "AETHER_REDIS_SENTINELS";

    /// <summary>What the sentinels call the primary.</summary>
    public const string RedisSentinelMaster = "AETHER_REDIS_SENTINEL_MASTER";

    /// <summary>User of the sentinels, where they ask for one.</summary>
    public const string RedisSentinelUsername = "AETHER_REDIS_SENTINEL_USERNAME";

    /// <summary>Password of the user of the sentinels.</summary>
    public const string RedisSentinelPassword = "AETHER_REDIS_SENTINEL_PASSWORD";

    /// <summary>Redis ACL user of the world.</summary>
    public const string RedisUsername = "AETHER_REDIS_USERNAME";

    /// <summary>Password of the ACL user.</summary>
    public const string RedisPassword = "AETHER_REDIS_PASSWORD";

    /// <summary>Password that is about to replace the ACL user's; absent unless one is.</summary>
    public const string RedisNextPassword = "AETHER_REDIS_NEXT_PASSWORD";

    /// <summary>Prefix of every key of the world.</summary>
    public const string RedisKeyPrefix = "AETHER_REDIS_KEY_PREFIX";

    /// <summary>"true" to speak TLS to Redis.</summary>
    public const string RedisTls = "AETHER_REDIS_TLS";

    /// <summary>PEM text of the CAs that Redis's certificate must lead to; empty: the system's CAs.</summary>
    public const string RedisRootCertificate = "AETHER_REDIS_ROOT_CERTIFICATE";

    /// <summary>PEM text of the certificate to present to Redis, intermediate CAs after it; empty: none.</summary>
    public const string RedisClientCertificate = "AETHER_REDIS_CLIENT_CERTIFICATE";

    /// <summary>PEM text of the private key of <see cref="RedisClientCertificate"/>.</summary>
    public const string RedisClientKey = "AETHER_REDIS_CLIENT_KEY";

    /// <summary>NATS URLs, comma-separated.</summary>
    public const string NatsUrl = "AETHER_NATS_URL";

    /// <summary>PEM text of the CAs that NATS's certificate must lead to; empty: the system's CAs.</summary>
    public const string NatsRootCertificate = "AETHER_NATS_ROOT_CERTIFICATE";

    /// <summary>PEM text of the certificate to present to NATS, intermediate CAs after it; empty: none.</summary>
    public const string NatsClientCertificate = "AETHER_NATS_CLIENT_CERTIFICATE";

    /// <summary>PEM text of the private key of <see cref="NatsClientCertificate"/>.</summary>
    public const string NatsClientKey = "AETHER_NATS_CLIENT_KEY";

    /// <summary>JetStream domain of the streams; absent: that of the server connected to.</summary>
    public const string NatsDomain = "AETHER_NATS_DOMAIN";

    /// <summary>A NATS creds file's text (user JWT and seed), where the backend issues one per world.</summary>
    public const string NatsCredentials = "AETHER_NATS_CREDENTIALS";

    /// <summary>Shared NATS user, where the backend has no account signing key.</summary>
    public const string NatsUsername = "AETHER_NATS_USERNAME";

    /// <summary>Password of the shared NATS user.</summary>
    public const string NatsPassword = "AETHER_NATS_PASSWORD";

    /// <summary>Name of the JetStream stream that keeps the world's events.</summary>
    public const string NatsEventStream = "AETHER_NATS_EVENT_STREAM";

    /// <summary>Name of the JetStream stream that holds the world's journal, where one does.</summary>
    public const string NatsJournalStream = "AETHER_NATS_JOURNAL_STREAM";

    /// <summary>Prefix of every subject of the world, with a dot at the end.</summary>
    public const string NatsSubjectPrefix = "AETHER_NATS_SUBJECT_PREFIX";

    /// <summary>"true" or "false": whether commits are written ahead.</summary>
    public const string WalEnabled = "AETHER_WAL_ENABLED";

    /// <summary>Folder of the write-ahead log.</summary>
    public const string WalDirectory = "AETHER_WAL_DIRECTORY";

    /// <summary>Longest a Batched commit stays off the disk, in milliseconds.</summary>
    public const string WalFlushIntervalMs = "AETHER_WAL_FLUSH_INTERVAL_MS";

    /// <summary>Durability of a commit that names none: Memory, Batched, Fsync or Replicated.</summary>
    public const string WalDefaultDurability = "AETHER_WAL_DEFAULT_DURABILITY";

    /// <summary>Size of a segment, in bytes.</summary>
    public const string WalSegmentBytes = "AETHER_WAL_SEGMENT_BYTES";

    /// <summary>Where the journal lies: Postgres or JetStream.</summary>
    public const string WalJournal = "AETHER_WAL_JOURNAL";

    /// <summary>Most bytes of the log on the volume.</summary>
    public const string WalMaxBytes = "AETHER_WAL_MAX_BYTES";

    /// <summary>How many bytes the journal may be behind before commits wait; 0 or absent: no limit.</summary>
    public const string WalMaxLagBytes = "AETHER_WAL_MAX_LAG_BYTES";

    /// <summary>How many seconds the journal may be behind before commits wait; 0 or absent: no limit.</summary>
    public const string WalMaxLagSeconds = "AETHER_WAL_MAX_LAG_SECONDS";

    /// <summary>Most bytes of all keys and values; 0 or absent: no limit.</summary>
    public const string QuotaStateBytes = "AETHER_QUOTA_STATE_BYTES";

    /// <summary>Memory limit of the agent's container in bytes; 0 or absent: what the agent finds by itself.</summary>
    public const string MemoryLimitBytes = "AETHER_MEMORY_LIMIT_BYTES";

    /// <summary>What to do when the journal cannot be reached: Continue or Block.</summary>
    public const string WalOnJournalLoss = "AETHER_WAL_ON_JOURNAL_LOSS";

    /// <summary>Seconds between snapshots.</summary>
    public const string SnapshotIntervalSeconds = "AETHER_SNAPSHOT_INTERVAL_SECONDS";

    /// <summary>How many snapshots are kept.</summary>
    public const string SnapshotMaxRetained = "AETHER_SNAPSHOT_MAX_RETAINED";

    /// <summary>Seconds that every commit can be recovered for, whether a snapshot was taken then or not.</summary>
    public const string SnapshotRecoveryWindowSeconds = "AETHER_SNAPSHOT_RECOVERY_WINDOW_SECONDS";

    /// <summary>Where snapshots go: Postgres, Redis or Volume.</summary>
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
