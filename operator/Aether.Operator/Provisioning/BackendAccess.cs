using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>A backend with the content of its Secrets. Not a record, so that its secrets are never printed.</summary>
internal sealed class BackendAccess
{
    public required PostgresAccess Postgres { get; init; }

    /// <summary>Redis; null if the backend has none.</summary>
    public required RedisAccess? Redis { get; init; }

    /// <summary>NATS; null if the backend has none.</summary>
    public required NatsAccess? Nats { get; init; }

    /// <summary>Redis of a backend that has it.</summary>
    /// <exception cref="ProvisioningException">The backend has no Redis.</exception>
    public RedisAccess RequiredRedis => Redis ?? throw AbsentStore.Missing(StoreName.Redis);

    /// <summary>NATS of a backend that has it.</summary>
    /// <exception cref="ProvisioningException">The backend has no NATS.</exception>
    public NatsAccess RequiredNats => Nats ?? throw AbsentStore.Missing(StoreName.Nats);

    /// <summary>Whether the backend has that store.</summary>
    public bool Has(StoreName store) => store == StoreName.Redis
        ? Redis is not null
        : store != StoreName.Nats || Nats is not null;
}
