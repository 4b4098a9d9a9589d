using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Redis;
using NATS.Client.JetStream;
using Npgsql;

namespace Aether.Operator.Tests.Reconciling;

public sealed partial class WorldPersistenceReconcilerTests
{
    [Fact]
    [Trait("Field", "F33")]
    public async Task Retained_stores_can_be_listed_by_owner_and_dropped_by_a_world_that_adopts_them()
    {
        var (dropped, kept) = (await RetainedWorldAsync(), await RetainedWorldAsync());
        var before = await OwnersAsync();

        var heir = await cluster.CreateWorldAsync(
            dropped.Metadata.NamespaceProperty, "arena", """{"deletionPolicy":"Delete"}""", dropped.Metadata.Uid);
        await cluster.WaitReadyAsync(heir);
        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(heir), null, Stop);
        await cluster.WaitGoneAsync(heir);

        var after = await OwnersAsync();
        foreach (var store in before.Keys)
        {
            Assert.Contains(dropped.Metadata.Uid, before[store]);
            Assert.Contains(kept.Metadata.Uid, before[store]);
            Assert.DoesNotContain(dropped.Metadata.Uid, after[store]);
            Assert.DoesNotContain(heir.Metadata.Uid, after[store]);
            Assert.Contains(kept.Metadata.Uid, after[store]);
        }
    }

    private async Task<WorldPersistence> RetainedWorldAsync()
    {
        var world = await ReadyWorldAsync("""{"deletionPolicy":"Retain"}""");
        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        await cluster.WaitGoneAsync(world);
        return world;
    }

    // As docs/operator.md lists them.
    private async Task<Dictionary<string, List<string>>> OwnersAsync()
    {
        var (schemas, prefixes, streams) = (new List<string>(), new List<string>(), new List<string>());
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await using var comments = await admin.CreateCommand(
            """
            SELECT pg_catalog.obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace
            WHERE nspname LIKE 'aether\_%' AND pg_catalog.obj_description(oid, 'pg_namespace') IS NOT NULL
            """).ExecuteReaderAsync(Stop);
        while (await comments.ReadAsync(Stop))
            AddOwner(schemas, OwnerMark.Parse(comments.GetString(0)));

        await using var redis = await StoreClients.ConnectAsync(cluster.Redis);
        await foreach (var key in redis.GetServers().Single().KeysAsync(pattern: "aether:owner:*"))
            AddOwner(prefixes, RedisOwnerRecord.Parse(await redis.GetDatabase().StringGetAsync(key))?.Mark);

        await using var nats = StoreClients.Connect(cluster.Nats);
        await foreach (var stream in new NatsJSContext(nats).ListStreamsAsync(cancellationToken: Stop))
            AddOwner(streams, OwnerMark.Parse(stream.Info.Config.Description));

        return new Dictionary<string, List<string>>
        {
            ["PostgreSQL"] = schemas,
            ["Redis"] = prefixes,
            ["NATS"] = streams,
        };
    }

    private static void AddOwner(List<string> owners, OwnerMark? mark)
    {
        if (mark is not null)
            owners.Add(mark.Owner);
    }
}
