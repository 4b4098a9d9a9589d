using Aether.Client;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.TestServers;
using NATS.Client.JetStream;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>Redis and NATS are optional: worlds without them, and refusals of worlds that need them.</summary>
public sealed class OptionalStoreTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static readonly WorldKey Key = new("player", "1");

    private readonly PostgresAlone _alone = new(cluster);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task World_on_PostgreSQL_alone_commits_survives_a_kill_and_shows_a_live_status()
    {
        var name = await _alone.BackendAsync();
        var world = await cluster.WaitReadyAsync(await _alone.WorldAsync(name));
        var backend = await cluster.WaitBackendAsync(name, "True");
        var secret = (await _alone.SecretAsync(world))!;

        using var volume = new TemporaryFolder("postgres-alone");
        await using (var agent = await WorldAgent.StartAsync(secret, volume.Path, "arena-0"))
        {
            await using var served = await agent.ConnectAsync();
            await served.CommitAsync(
                new WorldCommit { Durability = WorldDurability.Replicated }.Put(Key, "kept"u8.ToArray()), Stop);
            var events = await Assert.ThrowsAsync<WorldException>(
                () => served.PublishEventAsync("raid", "now"u8.ToArray(), Stop));
            Assert.StartsWith("FailedPrecondition", events.Message, StringComparison.Ordinal);
            Assert.Contains("spec.nats", events.Message, StringComparison.Ordinal);
            var running = await cluster.WaitAsync(world, current => current.Status.Phase == "Running");
            Assert.Equal(("arena-0", 1L), (running.Status.Holder, running.Status.Epoch));
            Assert.Equal("Reporting", Cluster.Condition(running, "AgentReporting")!.Reason);
            await agent.KillAsync();
        }

        using var empty = new TemporaryFolder("postgres-alone");
        await using var next = await WorldAgent.StartAsync(secret, empty.Path, "arena-1");
        await using var again = await next.ConnectAsync();
        var value = await again.GetAsync(Key, cancellationToken: Stop);
        var taken = await cluster.WaitAsync(world, current => current.Status.Holder == "arena-1");
        await next.StopAsync();
        var stopped = await cluster.WaitAsync(world, current => current.Status.AgentPhase == "Stopped");

        Assert.Equal("kept"u8.ToArray(), value!.Value.ToArray());
        Assert.Equal(2, taken.Status.Epoch);
        Assert.Null(stopped.Status.Holder);
        Assert.Equal(nameof(ReportChannel.Postgres), world.Status.Stores!.ReportChannel);
        foreach (var conditions in new[] { world.Status.Conditions!, backend.Status.Conditions! })
        {
            foreach (var store in new[] { StoreName.Redis, StoreName.Nats })
            {
                var condition = conditions.Single(each => each.Type == store.Condition);
                Assert.Equal(("True", nameof(StoreReason.NotInBackend)), (condition.Status, condition.Reason));
                Assert.Contains(store.Field, condition.Message, StringComparison.Ordinal);
            }
        }

        Assert.DoesNotContain(await _alone.SettingsAsync(world), setting =>
            setting.StartsWith("AETHER_REDIS_", StringComparison.Ordinal)
            || setting.StartsWith("AETHER_NATS_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(""" "class":"Ephemeral" """, "RedisReady", "spec.snapshot.store Postgres or Volume")]
    [InlineData(""" "wal":{"journal":"JetStream"} """, "NatsReady", "spec.wal.journal Postgres")]
    [InlineData(""" "events":{} """, "NatsReady", "remove spec.events")]
    public async Task World_that_needs_a_missing_store_is_refused_until_it_is_added(
        string spec, string condition, string remedy)
    {
        var backend = await _alone.BackendAsync();

        var world = await cluster.WaitReasonAsync(
            await _alone.WorldAsync(backend, $",{spec}"), condition, nameof(StoreReason.NotInBackend));
        world = await cluster.WaitReasonAsync(world, "Stalled", nameof(StoreReason.NotInBackend));

        Assert.Equal("False", Cluster.Condition(world, condition)!.Status);
        Assert.Equal("False", Cluster.Condition(world, WorldConditions.Ready)!.Status);
        Assert.Contains(remedy, Cluster.Condition(world, WorldConditions.Ready)!.Message, StringComparison.Ordinal);
        Assert.Null(await _alone.SecretAsync(world));
        Assert.False(await _alone.HasSchemaAsync(world));

        await _alone.AddStoresAsync(backend);
        world = await cluster.WaitReadyAsync(world);
        Assert.Null(Cluster.Condition(world, "Stalled"));
        Assert.True(await _alone.HasSchemaAsync(world));
    }

    [Theory]
    [InlineData("Postgres")]
    [InlineData("Volume")]
    public async Task Ephemeral_world_needs_no_Redis_if_its_snapshots_are_stored_elsewhere(string store)
    {
        var world = await _alone.WorldAsync(
            await _alone.BackendAsync(), $$""","class":"Ephemeral","snapshot":{"store":"{{store}}"}""");

        await cluster.WaitReadyAsync(world);
    }

    [Fact]
    public async Task Events_removed_from_the_spec_no_longer_block_the_world()
    {
        var backend = await _alone.BackendAsync();
        var world = await _alone.WaitAbsentAsync(
            await _alone.WorldAsync(backend, ""","events":{"maxAge":"1h"}"""), StoreName.Nats);

        await cluster.PatchWorldAsync(world, """{"spec":{"events":null}}""");

        await cluster.WaitReadyAsync(world);
    }

    [Fact]
    public async Task Store_added_later_is_provisioned_and_not_counted_as_a_repair()
    {
        var backend = await _alone.BackendAsync();
        var world = await cluster.WaitReadyAsync(await _alone.WorldAsync(backend));

        await _alone.AddStoresAsync(backend);
        world = await cluster.WaitAsync(world, current =>
            Cluster.Condition(current, "RedisReady")?.Reason is not nameof(StoreReason.NotInBackend)
            && Cluster.Condition(current, "NatsReady")?.Reason == nameof(StoreReason.SharedCredentials));

        var settings = await _alone.SettingsAsync(world);
        Assert.Contains("AETHER_REDIS_ENDPOINT", settings);
        Assert.Contains("AETHER_NATS_URL", settings);
        Assert.Equal(nameof(ReportChannel.Nats), world.Status.Stores!.ReportChannel);
        Assert.Equal((true, true), (world.Status.Stores.RedisProvisioned, world.Status.Stores.NatsProvisioned));
        Assert.DoesNotContain(
            await cluster.EventsAsync(world), happened => happened.Reason == WorldEvents.DriftRepaired);
    }

    [Fact]
    public async Task World_continues_when_stores_it_does_not_need_leave_the_backend()
    {
        var backend = await _alone.CompleteBackendAsync();
        var world = await cluster.WaitReadyAsync(await _alone.WorldAsync(backend));

        await _alone.RemoveStoresAsync(backend);
        await _alone.WaitAbsentAsync(world, StoreName.Redis);
        world = await _alone.WaitAbsentAsync(world, StoreName.Nats);

        Assert.Equal("True", Cluster.Condition(world, WorldConditions.Ready)!.Status);
        Assert.DoesNotContain("AETHER_REDIS_ENDPOINT", await _alone.SettingsAsync(world));
        Assert.Equal(nameof(ReportChannel.Postgres), world.Status.Stores!.ReportChannel);
        await StreamAsync(world.Status.Stores.EventStream);
    }

    [Fact]
    public async Task Used_store_that_leaves_the_backend_is_kept_and_not_counted_as_a_loss()
    {
        var backend = await _alone.CompleteBackendAsync();
        var ephemeral = await cluster.WaitReadyAsync(await _alone.WorldAsync(backend, ""","class":"Ephemeral" """));
        var journaled = await cluster.WaitReadyAsync(
            await _alone.WorldAsync(backend, ""","wal":{"journal":"JetStream"}"""));
        var secrets = (
            PostgresAlone.Text((await _alone.SecretAsync(ephemeral))!),
            PostgresAlone.Text((await _alone.SecretAsync(journaled))!));
        await using var redis = await StoreClients.ConnectAsync(cluster.Redis);
        var snapshot = $"{ephemeral.Status.Stores!.RedisKeyPrefix}snapshot";
        await redis.GetDatabase().StringSetAsync(snapshot, "kept");

        await _alone.RemoveStoresAsync(backend);
        ephemeral = await _alone.WaitAbsentAsync(ephemeral, StoreName.Redis);
        journaled = await _alone.WaitAbsentAsync(journaled, StoreName.Nats);

        Assert.Equal("False", Cluster.Condition(ephemeral, WorldConditions.Ready)!.Status);
        Assert.Equal("False", Cluster.Condition(journaled, WorldConditions.Ready)!.Status);
        Assert.Equal(secrets, (
            PostgresAlone.Text((await _alone.SecretAsync(ephemeral))!),
            PostgresAlone.Text((await _alone.SecretAsync(journaled))!)));
        await StreamAsync(journaled.Status.Stores!.EventStream);

        await _alone.AddStoresAsync(backend);
        await cluster.WaitReadyAsync(ephemeral);
        await cluster.WaitReadyAsync(journaled);
        Assert.Equal("kept", await redis.GetDatabase().StringGetAsync(snapshot));
        Assert.DoesNotContain(
            await cluster.EventsAsync(ephemeral), happened => happened.Reason == WorldEvents.DriftRepaired);
    }

    [Fact]
    public async Task World_with_data_in_a_store_that_left_the_backend_is_not_deleted()
    {
        var backend = await _alone.CompleteBackendAsync();
        var world = await cluster.WaitReadyAsync(await _alone.WorldAsync(backend, ""","deletionPolicy":"Delete" """));
        await _alone.RemoveStoresAsync(backend);
        world = await _alone.WaitAbsentAsync(world, StoreName.Redis);

        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        world = await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.DeletionBlocked));
        Assert.Contains(
            "spec.redis", Cluster.Condition(world, WorldConditions.Ready)!.Message, StringComparison.Ordinal);
        await _alone.AddStoresAsync(backend);

        await cluster.WaitGoneAsync(world);
        await using var redis = await StoreClients.ConnectAsync(cluster.Redis);
        var users = (string[])(await redis.GetDatabase().ExecuteAsync("ACL", "USERS"))!;
        Assert.DoesNotContain(world.Status.Stores!.RedisUser, users);
    }

    private async Task StreamAsync(string name)
    {
        await using var connection = StoreClients.Connect(cluster.Nats);
        await new NatsJSContext(connection).GetStreamAsync(name, cancellationToken: Stop);
    }
}
