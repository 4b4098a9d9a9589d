using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Provisioning.Redis;

namespace Aether.Operator.Provisioning;

/// <summary>A backend with the content of its Secrets. Not a record, so that nothing prints it.</summary>
internal sealed class BackendAccess
{
    public required PostgresAccess Postgres { get; init; }

    public required RedisAccess Redis { get; init; }

    public required NatsAccess Nats { get; init; }
}
