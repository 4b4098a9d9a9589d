using Aether.Persistence.Conformance;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;

namespace Aether.Persistence.Stores.Tests.Redis;

public sealed class RedisConformanceTests(ServerSet servers) : SnapshotStoreConformance
{
    protected override async Task<(IWorldLease Lease, ISnapshotStore Snapshots)> CreateWorldAsync()
    {
        var world = await PostgresWorlds.OpenAsync(servers);
        var options = await RedisWorlds.CreateAsync(servers.Redis, servers.NewName());
        return (new PostgresWorldLease(world), new RedisSnapshotStore(new RedisWorld(options, TimeProvider.System)));
    }
}
