using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Provisioning.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aether.Operator.Tests;

/// <summary>Provisioners that share the connections of this process, as those of an operator do.</summary>
internal static class StoreProvisioners
{
    public static PostgresConnections PostgresConnections { get; } = new(TimeProvider.System);

    public static RedisConnections RedisConnections { get; } = new(TimeProvider.System);

    public static NatsConnections NatsConnections { get; } = new(TimeProvider.System);

    public static PostgresProvisioner Postgres(PostgresConnections? connections = null) =>
        new(connections ?? PostgresConnections, NullLoggerFactory.Instance);

    public static RedisProvisioner Redis(RedisConnections? connections = null) =>
        new(connections ?? RedisConnections, NullLogger<RedisProvisioner>.Instance);

    public static NatsProvisioner Nats(NatsConnections? connections = null) =>
        new(connections ?? NatsConnections, NullLogger<NatsProvisioner>.Instance);
}
