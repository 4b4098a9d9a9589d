using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aether.Persistence.Stores.Tests.JetStream;

public sealed class JetStreamJournalConformanceTests(ServerSet servers) : JournalConformance, IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _connections = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }

    protected override async Task<(IWorldLease Lease, IJournal Journal, IJournal Successor)> CreateWorldAsync()
    {
        var names = WorldNames.For("tests", servers.NewName());
        await using (var admin = NatsWorlds.Admin(servers.Nats))
            await NatsWorlds.CreateJournalAsync(admin, names);
        var postgres = await PostgresWorlds.OpenAsync(servers);
        _connections.Add(postgres);
        var lease = new PostgresWorldLease(postgres);
        return (lease, Connect(names, lease), Connect(names, lease));
    }

    private JetStreamJournal Connect(WorldNames names, IWorldLease lease)
    {
        var world = new NatsWorld(NatsWorlds.Options(servers.Nats, names), TimeProvider.System);
        _connections.Add(world);
        return new JetStreamJournal(world, lease, NullLogger<JetStreamJournal>.Instance);
    }
}
