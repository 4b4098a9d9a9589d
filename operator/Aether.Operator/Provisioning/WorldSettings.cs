using System.Globalization;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>Writes the settings of a world's agent: the content of the world's Secret.</summary>
internal static class WorldSettings
{
    /// <summary>All settings, by the names of <see cref="AetherVariables"/>.</summary>
    public static SortedDictionary<string, string> Write(WorldPersistence world, ProvisioningRequest request)
    {
        var (names, profile, backend) = (request.Names, request.Profile, request.Backend);
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [AetherVariables.WorldName] = world.Metadata.Name,
            [AetherVariables.WorldNamespace] = world.Metadata.NamespaceProperty,
            [AetherVariables.WorldUid] = world.Metadata.Uid,
            [AetherVariables.WorldIdentity] = Identities(request.Owner),
            [AetherVariables.WorldClass] = profile.Class.ToString(),
            [AetherVariables.LogLevel] = profile.LogLevel.ToString(),

            [AetherVariables.PostgresHost] = backend.Postgres.Host,
            [AetherVariables.PostgresPort] = Number(backend.Postgres.Port),
            [AetherVariables.PostgresHosts] = backend.Postgres.Hosts ?? "",
            [AetherVariables.PostgresTargetSession] = backend.Postgres.TargetSession.ToString(),
            [AetherVariables.PostgresPreparedStatements] = backend.Postgres.PreparedStatements.ToString(),
            [AetherVariables.PostgresDatabase] = backend.Postgres.Database,
            [AetherVariables.PostgresSchema] = names.Schema,
            [AetherVariables.PostgresUsername] = names.Role,
            [AetherVariables.PostgresPassword] = request.Credentials.PostgresPassword,
            [AetherVariables.PostgresSslMode] = backend.Postgres.SslMode.ToString(),
            [AetherVariables.PostgresRootCertificate] = backend.Postgres.Certificates.Authorities ?? "",
        };
        AddPolicies(settings, profile);
        AddNextPasswords(settings, request.Credentials);
        AddCertificates(settings, backend);
        if (backend.Redis is { } redis)
            AddRedis(settings, request, redis);
        if (backend.Nats is { } nats && request.Credentials.Nats is { } login)
            AddNats(settings, request, nats, login);
        return settings;
    }

    // Include the UID: agents of older versions do not know identities and write under the UID.
    private static string Identities(WorldOwner owner) =>
        string.Join(',', owner.Identities.Append(owner.Uid).Distinct());

    private static void AddPolicies(SortedDictionary<string, string> settings, WorldProfile profile)
    {
        settings[AetherVariables.WalEnabled] = Flag(profile.WalEnabled);
        settings[AetherVariables.WalFlushIntervalMs] =
            Number((long)Math.Ceiling(profile.FlushInterval.TotalMilliseconds));
        settings[AetherVariables.WalLeaseMs] = Number((long)Math.Ceiling(profile.Lease.TotalMilliseconds));
        settings[AetherVariables.WalDefaultDurability] = profile.DefaultDurability.ToString();
        settings[AetherVariables.WalSegmentBytes] = Number(profile.SegmentBytes);
        settings[AetherVariables.WalJournal] = (profile.Journal ?? JournalKind.Postgres).ToString();
        settings[AetherVariables.WalMaxBytes] = Number(profile.MaxLogBytes);
        settings[AetherVariables.WalMaxLagBytes] = Number(profile.MaxLagBytes);
        settings[AetherVariables.WalMaxLagSeconds] = Number((long)Math.Ceiling(profile.MaxLagTime.TotalSeconds));
        settings[AetherVariables.QuotaStateBytes] = Number(profile.MaxStateBytes);
        settings[AetherVariables.WalOnJournalLoss] = profile.OnJournalLoss.ToString();
        settings[AetherVariables.SnapshotIntervalSeconds] =
            Number((long)Math.Ceiling(profile.SnapshotInterval.TotalSeconds));
        settings[AetherVariables.SnapshotMaxRetained] = Number(profile.SnapshotsRetained);
        settings[AetherVariables.SnapshotRecoveryWindowSeconds] =
            Number((long)Math.Ceiling(profile.RecoveryWindow.TotalSeconds));
        settings[AetherVariables.SnapshotStore] = profile.SnapshotStore.ToString();
        settings[AetherVariables.CriticalKinds] =
            string.Join(',', profile.CriticalKinds.Select(entry => $"{entry.Key}={entry.Value}"));
    }

    private static void AddNextPasswords(SortedDictionary<string, string> settings, WorldCredentials credentials)
    {
        settings[AetherVariables.CredentialsRevision] = credentials.Revision;
        if (credentials.PostgresNextPassword is { } postgres)
            settings[AetherVariables.PostgresNextPassword] = postgres;
        if (credentials.RedisNextPassword is { } redis)
            settings[AetherVariables.RedisNextPassword] = redis;
    }

    private static void AddCertificates(SortedDictionary<string, string> settings, BackendAccess backend)
    {
        Add(AetherVariables.RedisRootCertificate, backend.Redis?.Certificates.Authorities);
        Add(AetherVariables.NatsRootCertificate, backend.Nats?.Certificates.Authorities);
        Add(AetherVariables.PostgresClientCertificate, backend.Postgres.Certificates.Agents?.Chain);
        Add(AetherVariables.PostgresClientKey, backend.Postgres.Certificates.Agents?.Key);
        Add(AetherVariables.RedisClientCertificate, backend.Redis?.Certificates.Agents?.Chain);
        Add(AetherVariables.RedisClientKey, backend.Redis?.Certificates.Agents?.Key);
        Add(AetherVariables.NatsClientCertificate, backend.Nats?.Certificates.Agents?.Chain);
        Add(AetherVariables.NatsClientKey, backend.Nats?.Certificates.Agents?.Key);

        void Add(string name, string? text)
        {
            if (text is not null)
                settings[name] = text;
        }
    }

    private static void AddRedis(
        SortedDictionary<string, string> settings, ProvisioningRequest request, RedisAccess redis)
    {
        AddPlace(settings, redis);
        settings[AetherVariables.RedisTls] = Flag(redis.Tls);
        settings[AetherVariables.RedisKeyPrefix] = request.Names.RedisKeyPrefix;
        var isShared = redis.Isolation == RedisIsolation.SharedUser;
        settings[AetherVariables.RedisUsername] = isShared ? redis.Username ?? "" : request.Names.RedisUser;
        settings[AetherVariables.RedisPassword] = isShared ? redis.Password ?? "" : request.Credentials.RedisPassword!;
    }

    private static void AddPlace(SortedDictionary<string, string> settings, RedisAccess redis)
    {
        if (redis.Sentinel is not { } sentinel)
        {
            settings[AetherVariables.RedisEndpoint] = redis.Endpoint;
            return;
        }

        settings[AetherVariables.RedisSentinels] = sentinel.Hosts;
        settings[AetherVariables.RedisSentinelMaster] = sentinel.MasterName;
        settings[AetherVariables.RedisSentinelUsername] = sentinel.Username ?? "";
        settings[AetherVariables.RedisSentinelPassword] = sentinel.Password ?? "";
    }

    // A world without a NATS user gets no NATS address: its agent then reports to clients that events are unavailable.
    private static void AddNats(
        SortedDictionary<string, string> settings, ProvisioningRequest request, NatsAccess nats, NatsLogin login)
    {
        var names = request.Names;
        settings[AetherVariables.NatsUrl] = nats.Address;
        settings[AetherVariables.NatsDomain] = nats.Domain ?? "";
        settings[AetherVariables.NatsEventStream] = names.EventStream;
        settings[AetherVariables.NatsJournalStream] =
            request.Profile.Journal == JournalKind.JetStream ? names.JournalStream : "";
        settings[AetherVariables.NatsSubjectPrefix] = names.SubjectPrefix;
        if (login.CredentialsFile is { } file)
        {
            settings[AetherVariables.NatsCredentials] = file;
            return;
        }

        settings[AetherVariables.NatsUsername] = login.Username ?? "";
        settings[AetherVariables.NatsPassword] = login.Password ?? "";
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Flag(bool flag) => flag ? "true" : "false";
}
