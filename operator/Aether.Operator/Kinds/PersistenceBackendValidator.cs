using System.Globalization;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>Validates a backend's spec by all rules of the CRD's schema.</summary>
internal static class PersistenceBackendValidator
{
    private const string NameExample = "use lower-case letters, digits, '-' and '.'";

    /// <summary>One sentence per error, each starting with the field's path; empty if there is none.</summary>
    public static IReadOnlyList<string> Validate(PersistenceBackendSpec spec)
    {
        var errors = new FieldErrors();
        CheckPostgres(errors, spec.Postgres);
        if (spec.Redis is { } redis)
            CheckRedis(errors, redis);
        if (spec.Nats is { } nats)
            CheckNats(errors, nats);
        foreach (var name in spec.AllowedNamespaces ?? [])
            errors.Text("spec.allowedNamespaces", name, FieldPatterns.NamespaceName, 63, NameExample);
        if (spec.MaxWorlds is { } most)
            errors.Range("spec.maxWorlds", most, 1, 100_000);
        return errors.All;
    }

    private static void CheckPostgres(FieldErrors errors, PostgresBackend postgres)
    {
        const string host = "use a host name or an address";
        if ((postgres.Host is null) == (postgres.Hosts is null))
            errors.Add("spec.postgres", "needs either host or hosts");
        errors.Text("spec.postgres.host", postgres.Host, FieldPatterns.Host, 253, host);
        errors.Range("spec.postgres.port", postgres.Port, 1, ushort.MaxValue);
        if (postgres.Hosts is { } hosts)
            errors.Range("spec.postgres.hosts (number of)", hosts.Count, 1, 16);
        foreach (var each in postgres.Hosts ?? [])
        {
            errors.Text("spec.postgres.hosts.host", each.Host, FieldPatterns.Host, 253, host);
            errors.Range("spec.postgres.hosts.port", each.Port, 1, ushort.MaxValue);
        }

        errors.OneOf<PostgresTargetSession>(
            "spec.postgres.targetSessionAttributes", postgres.TargetSessionAttributes);
        errors.OneOf<PreparedStatements>("spec.postgres.preparedStatements", postgres.PreparedStatements);
        errors.Text("spec.postgres.database", postgres.Database, ".", 63, "name a database that exists");
        errors.OneOf<PostgresSslMode>("spec.postgres.sslMode", postgres.SslMode);
        CheckTls(errors, "spec.postgres", postgres, postgres.SslMode != nameof(PostgresSslMode.Disable),
            "needs TLS: set spec.postgres.sslMode to another value than Disable, or remove it");
        CheckReference(errors, "spec.postgres.adminSecretRef", postgres.AdminSecretRef);
    }

    private static void CheckRedis(FieldErrors errors, RedisBackend redis)
    {
        if ((redis.Endpoint is null) == (redis.Sentinel is null))
            errors.Add("spec.redis", "needs either endpoint or sentinel");
        if (redis.Endpoint is { } endpoint)
            CheckEndpoint(errors, endpoint);
        if (redis.Sentinel is { } sentinel)
            CheckSentinel(errors, sentinel);
        errors.OneOf<RedisIsolation>("spec.redis.isolation", redis.Isolation);
        CheckTls(errors, "spec.redis", redis, redis.Tls, "needs TLS: set spec.redis.tls to true, or remove it");
        CheckReference(errors, "spec.redis.adminSecretRef", redis.AdminSecretRef);
    }

    private static void CheckEndpoint(FieldErrors errors, string endpoint)
    {
        const string path = "spec.redis.endpoint";
        errors.Text(path, endpoint, FieldPatterns.Endpoint, 262, "write it as host:port");
        var port = endpoint[(endpoint.LastIndexOf(':') + 1)..];
        if (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            errors.Range($"{path} (port)", number, 1, ushort.MaxValue);
    }

    private static void CheckSentinel(FieldErrors errors, RedisSentinelBackend sentinel)
    {
        const string path = "spec.redis.sentinel";
        errors.Text($"{path}.masterName", sentinel.MasterName, FieldPatterns.SentinelMaster, 253,
            "use the name behind 'sentinel monitor' in the sentinels' configuration");
        errors.Range($"{path}.hosts (number of)", sentinel.Hosts.Count, 1, 16);
        foreach (var each in sentinel.Hosts)
        {
            errors.Text($"{path}.hosts.host", each.Host, FieldPatterns.Host, 253, "use a host name or an address");
            errors.Range($"{path}.hosts.port", each.Port, 1, ushort.MaxValue);
        }

        CheckReference(errors, $"{path}.credentialsSecretRef", sentinel.CredentialsSecretRef);
    }

    private static void CheckNats(FieldErrors errors, NatsBackend nats)
    {
        errors.Range("spec.nats.urls (number of)", nats.Urls.Count, 1, 16);
        foreach (var url in nats.Urls)
            errors.Text("spec.nats.urls", url, FieldPatterns.NatsUrl, 512,
                "write it as nats://host:port or tls://host:port, without user or password");
        CheckTls(errors, "spec.nats", nats, speaksTls: true, "");
        errors.Text("spec.nats.domain", nats.Domain, FieldPatterns.NatsDomain, 63,
            "use the name behind 'domain' in the hub's configuration");
        CheckReference(errors, "spec.nats.credentialsSecretRef", nats.CredentialsSecretRef);
        CheckReference(errors, "spec.nats.accountSigningKeySecretRef", nats.AccountSigningKeySecretRef);
        CheckReference(errors, "spec.nats.worldUsersSecretRef", nats.WorldUsersSecretRef);
        if (nats.JournalMaxBytes is not null)
            errors.Text("spec.nats.journalMaxBytes", nats.JournalMaxBytes, ByteSize.Pattern, 8, "write it as 4Gi");
    }

    // NATS uses TLS as soon as one of these is set, whatever the scheme of the URL.
    private static void CheckTls(FieldErrors errors, string path, ITlsBackend store, bool speaksTls, string complaint)
    {
        (string Path, SecretReference? Reference)[] all =
        [
            ($"{path}.caSecretRef", store.CaSecretRef),
            ($"{path}.clientCertificateSecretRef", store.ClientCertificateSecretRef),
            ($"{path}.agentClientCertificateSecretRef", store.AgentClientCertificateSecretRef),
        ];
        foreach (var (field, reference) in all)
        {
            CheckReference(errors, field, reference);
            if (reference is not null && !speaksTls)
                errors.Add(field, complaint);
        }
    }

    private static void CheckReference(FieldErrors errors, string path, SecretReference? reference)
    {
        errors.Text($"{path}.name", reference?.Name, FieldPatterns.ObjectName, 253, NameExample);
        errors.Text($"{path}.namespace", reference?.Namespace, FieldPatterns.NamespaceName, 63, NameExample);
    }
}
