using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>A backend with the content of its Secrets. Not a record, so that nothing prints it.</summary>
internal sealed class BackendAccess
{
    public required PostgresAccess Postgres { get; init; }

    /// <summary>Null where the backend has no Redis.</summary>
    public required RedisAccess? Redis { get; init; }

    /// <summary>Null where the backend has no NATS.</summary>
    public required NatsAccess? Nats { get; init; }

    /// <summary>Redis of a backend that has one.</summary>
    /// <exception cref="ProvisioningException">It has none.</exception>
    public RedisAccess RequiredRedis => Redis ?? throw AbsentStore.NotThere(StoreName.Redis);

    /// <summary>NATS of a backend that has one.</summary>
    /// <exception cref="ProvisioningException">It has none.</exception>
    public NatsAccess RequiredNats => Nats ?? throw AbsentStore.NotThere(StoreName.Nats);

    /// <summary>Whether the backend has that store.</summary>
    public bool Has(StoreName store) => store == StoreName.Redis
        ? Redis is not null
        : store != StoreName.Nats || Nats is not null;
}
