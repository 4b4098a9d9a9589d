using Aether.Persistence.Conformance;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;

namespace Aether.Persistence.Stores.Tests.Postgres;

public sealed class PostgresWorldLeaseTests(ServerSet servers) : WorldLeaseConformance
{
    protected override async Task<(IWorldLease Lease, Func<Task> ExpireAsync)> CreateWorldAsync()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        return (
            new PostgresWorldLease(new PostgresWorld(options)),
            () => PostgresWorlds.ExpireLeaseAsync(servers, options.Schema));
    }
}

public sealed class PostgresJournalTests(ServerSet servers) : JournalConformance
{
    // A partition is dropped once no commit in it is needed.
    protected override ulong KeptBefore => 131_072;

    protected override async Task<(IWorldLease Lease, IJournal Journal, IJournal Successor)> CreateWorldAsync()
    {
        var world = await PostgresWorlds.OpenAsync(servers);
        var other = new PostgresWorld(world.Options);
        return (new PostgresWorldLease(world), new PostgresJournal(world), new PostgresJournal(other));
    }
}

public sealed class PostgresSnapshotStoreTests(ServerSet servers) : SnapshotStoreConformance
{
    protected override async Task<(IWorldLease Lease, ISnapshotStore Snapshots)> CreateWorldAsync()
    {
        var world = await PostgresWorlds.OpenAsync(servers);
        return (new PostgresWorldLease(world), new PostgresSnapshotStore(world));
    }
}
