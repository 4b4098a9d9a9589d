using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;
using k8s.Models;

namespace Aether.Operator.Resolving;

/// <summary>Finds a world's backend and reads its Secrets, or says which of them to create.</summary>
/// <remarks>
/// Backends, and Secrets of the operator's namespace, come from caches: each of their changes causes another reconcile.
/// What a cache lacks is read from the API server, because the cache may not contain it yet, or the Secret may lie in a
/// namespace that is not watched.
/// </remarks>
[EntityRbac(typeof(PersistenceBackend), typeof(V1Secret), Verbs = RbacVerb.Get)]
internal sealed class BackendResolver(
    IObjectClient objects,
    IEntityCache<PersistenceBackend> backends,
    IEntityCache<V1Secret> secrets,
    Shard shard,
    BackendRoom room,
    TimeProvider clock)
{
    /// <summary>Access to the stores of a world.</summary>
    /// <exception cref="BackendException">The world cannot use the backend that it names.</exception>
    public Task<BackendAccess> ResolveAsync(WorldPersistence world, CancellationToken cancellationToken) =>
        ResolveAsync(world, FindAsync(world.Spec.BackendRef.Name, cancellationToken), cancellationToken);

    /// <summary>
    /// As <see cref="ResolveAsync(WorldPersistence, CancellationToken)"/>, with the backend as the API server has it.
    /// Used before stores are dropped: by an outdated backend, they would be dropped where the world no longer is, and
    /// the resource would be removed while its stores are kept elsewhere.
    /// </summary>
    /// <exception cref="BackendException">The world cannot use the backend that it names.</exception>
    public Task<BackendAccess> ResolveLiveAsync(WorldPersistence world, CancellationToken cancellationToken) =>
        ResolveAsync(world, FindLiveAsync(world.Spec.BackendRef.Name, cancellationToken), cancellationToken);

    private async Task<BackendAccess> ResolveAsync(
        WorldPersistence world, Task<PersistenceBackend> finding, CancellationToken cancellationToken)
    {
        var name = world.Spec.BackendRef.Name;
        var backend = await finding;
        shard.Require(backend);
        var @namespace = world.Metadata.NamespaceProperty;
        if (backend.Spec.AllowedNamespaces is { Count: > 0 } allowed && !allowed.Contains(@namespace))
            throw new BackendException(WorldReason.NamespaceNotAllowed,
                $"PersistenceBackend '{name}' does not allow namespace '{@namespace}': add it to the backend's "
                + "spec.allowedNamespaces, or use another backend.");
        room.Require(world, backend);

        return await ReadAsync(backend.Spec, cancellationToken);
    }

    /// <summary>Access to the stores of a backend of this shard.</summary>
    /// <exception cref="BackendException">
    /// The backend does not exist, is unusable, or belongs to another shard.
    /// </exception>
    public async Task<BackendAccess> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        var backend = await FindAsync(name, cancellationToken);
        shard.Require(backend);
        return await ReadAsync(backend.Spec, cancellationToken);
    }

    /// <summary>Access to the NATS of a backend, even if other parts of the backend are unusable.</summary>
    /// <exception cref="BackendException">The backend has no NATS, or it is unusable.</exception>
    public async Task<NatsAccess> ResolveNatsAsync(string name, CancellationToken cancellationToken) =>
        (await FindAsync(name, cancellationToken)).Spec.Nats is { } nats
            ? await ReadAsync(nats, cancellationToken)
            : throw new BackendException(
                WorldReason.NotInBackend, $"PersistenceBackend '{name}' has no NATS: set spec.nats.");

    /// <summary>Access to the PostgreSQL of a backend, even if other parts of the backend are unusable.</summary>
    /// <exception cref="BackendException">The backend does not exist or is unusable.</exception>
    public async Task<PostgresAccess> ResolvePostgresAsync(string name, CancellationToken cancellationToken) =>
        await ReadAsync((await FindAsync(name, cancellationToken)).Spec.Postgres, cancellationToken);

    /// <summary>A valid backend's spec with the content of its Secrets.</summary>
    /// <exception cref="BackendException">A Secret, or a key of one, is missing or unusable.</exception>
    public async Task<BackendAccess> ReadAsync(PersistenceBackendSpec spec, CancellationToken cancellationToken) =>
        new()
        {
            Postgres = await ReadAsync(spec.Postgres, cancellationToken),
            Redis = spec.Redis is { } redis ? await ReadAsync(redis, cancellationToken) : null,
            Nats = spec.Nats is { } nats ? await ReadAsync(nats, cancellationToken) : null,
        };

    private async Task<PersistenceBackend> FindAsync(string name, CancellationToken cancellationToken) =>
        backends.TryGet(new ObjectKey(null, name), out var cached)
            ? Valid(cached)
            : await FindLiveAsync(name, cancellationToken);

    private async Task<PersistenceBackend> FindLiveAsync(string name, CancellationToken cancellationToken) =>
        await objects.TryGetAsync<PersistenceBackend>(new ObjectKey(null, name), cancellationToken) is { } backend
            ? Valid(backend)
            : throw new BackendException(WorldReason.BackendNotFound,
                $"PersistenceBackend '{name}' does not exist: create it, or name another in a new WorldPersistence.");

    private static PersistenceBackend Valid(PersistenceBackend backend) =>
        PersistenceBackendValidator.Validate(backend.Spec) is { Count: > 0 } errors
            ? throw new BackendException(WorldReason.InvalidBackend,
                $"PersistenceBackend '{backend.Metadata.Name}' is not valid: {string.Join("; ", errors)}.")
            : backend;

    private async Task<PostgresAccess> ReadAsync(PostgresBackend postgres, CancellationToken cancellationToken)
    {
        var admin = await OpenAsync("spec.postgres.adminSecretRef", postgres.AdminSecretRef, cancellationToken);
        var certificates = await ReadAsync("spec.postgres", postgres, cancellationToken);
        return new PostgresAccess
        {
            Host = postgres.Host ?? postgres.Hosts![0].Host,
            Port = postgres.Host is null ? postgres.Hosts![0].Port : postgres.Port,
            Hosts = postgres.Hosts is { } hosts
                ? string.Join(',', hosts.Select(each => $"{each.Host}:{each.Port}"))
                : null,
            TargetSession = Enum.Parse<PostgresTargetSession>(postgres.TargetSessionAttributes),
            PreparedStatements = Enum.Parse<PreparedStatements>(postgres.PreparedStatements),
            Database = postgres.Database,
            SslMode = Enum.Parse<PostgresSslMode>(postgres.SslMode),
            Certificates = certificates,
            Username = admin.Require(SecretKeys.Username),
            Password = certificates.Operator is null
                ? admin.Require(SecretKeys.Password)
                : admin.Find(SecretKeys.Password),
        };
    }

    private async Task<RedisAccess> ReadAsync(RedisBackend redis, CancellationToken cancellationToken)
    {
        var admin = await TryOpenAsync("spec.redis.adminSecretRef", redis.AdminSecretRef, cancellationToken);
        var sentinel = await ReadAsync(redis.Sentinel, cancellationToken);
        return new RedisAccess
        {
            Endpoint = redis.Endpoint ?? sentinel?.Place ?? "",
            Sentinel = sentinel,
            Tls = redis.Tls,
            Certificates = await ReadAsync("spec.redis", redis, cancellationToken),
            Isolation = Enum.Parse<RedisIsolation>(redis.Isolation),
            Username = admin?.Find(SecretKeys.Username),
            Password = admin?.Require(SecretKeys.Password),
        };
    }

    private async Task<SentinelOptions?> ReadAsync(
        RedisSentinelBackend? sentinel, CancellationToken cancellationToken)
    {
        if (sentinel is null)
            return null;
        var user = await TryOpenAsync(
            "spec.redis.sentinel.credentialsSecretRef", sentinel.CredentialsSecretRef, cancellationToken);
        return new SentinelOptions
        {
            MasterName = sentinel.MasterName,
            Hosts = string.Join(',', sentinel.Hosts.Select(each => each.Address())),
            Username = user?.Find(SecretKeys.Username),
            Password = user?.Require(SecretKeys.Password),
        };
    }

    private async Task<NatsAccess> ReadAsync(NatsBackend nats, CancellationToken cancellationToken)
    {
        var user = await TryOpenAsync("spec.nats.credentialsSecretRef", nats.CredentialsSecretRef, cancellationToken);
        var signing = await TryOpenAsync(
            "spec.nats.accountSigningKeySecretRef", nats.AccountSigningKeySecretRef, cancellationToken);
        var users = await TryOpenAsync(
            "spec.nats.worldUsersSecretRef", nats.WorldUsersSecretRef, cancellationToken);
        var file = user?.Find(SecretKeys.NatsCredentials);
        return new NatsAccess
        {
            Urls = [.. nats.Urls],
            Certificates = await ReadAsync("spec.nats", nats, cancellationToken),
            Domain = nats.Domain,
            CredentialsFile = file,
            Username = file is null ? user?.Require(SecretKeys.Username) : null,
            Password = file is null ? user?.Require(SecretKeys.Password) : null,
            SigningSeed = signing?.Require(SecretKeys.SigningSeed),
            AccountPublicKey = signing?.Find(SecretKeys.AccountPublicKey),
            WorldUsers = users is null ? null : new NatsUserList(users.Key, users.All()),
            SharedCredentials = nats.SharedCredentials,
            JournalMaxBytes = nats.JournalMaxBytes is { } size ? ByteSize.Parse(size) : null,
        };
    }

    private async Task<StoreCertificates> ReadAsync(
        string path, ITlsBackend store, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var authority = await TryOpenAsync($"{path}.caSecretRef", store.CaSecretRef, cancellationToken);
        var own = await TryOpenAsync(
            $"{path}.clientCertificateSecretRef", store.ClientCertificateSecretRef, cancellationToken);
        var agents = await TryOpenAsync(
            $"{path}.agentClientCertificateSecretRef", store.AgentClientCertificateSecretRef, cancellationToken);
        return new StoreCertificates
        {
            Authorities = authority is null ? null : CertificateSecrets.ReadAuthorities(authority),
            Operator = own is null ? null : CertificateSecrets.ReadClient(own, now),
            Agents = agents is null ? null : CertificateSecrets.ReadClient(agents, now),
        };
    }

    private async Task<OpenSecret?> TryOpenAsync(
        string field, SecretReference? reference, CancellationToken cancellationToken) =>
        reference is null ? null : await OpenAsync(field, reference, cancellationToken);

    private async Task<OpenSecret> OpenAsync(
        string field, SecretReference reference, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(reference.Namespace, reference.Name);
        var secret = await TryReadAsync(field, key, cancellationToken)
            ?? throw new BackendException(WorldReason.SecretNotFound,
                $"Secret '{key}' of the backend's {field} does not exist: create it.");
        return new OpenSecret(field, key, secret);
    }

    private async Task<V1Secret?> TryReadAsync(string field, ObjectKey key, CancellationToken cancellationToken)
    {
        if (secrets.TryGet(key, out var cached))
            return cached;

        try
        {
            return await objects.TryGetAsync<V1Secret>(key, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsForbidden)
        {
            throw new BackendException(WorldReason.SecretForbidden,
                $"The operator may not read Secret '{key}' of the backend's {field}: put it into the "
                + "operator's namespace, or give the operator's service account the right to get it.");
        }
    }
}
