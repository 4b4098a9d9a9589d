using System.Text;
using System.Text.Json.Nodes;
using Aether.Client;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using k8s.Models;
using Npgsql;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>
/// A world continues under another resource with all of its data and at most one annotation. No controller deletes
/// namespaces on this API server, so the resource is removed as it would be with its namespace: it is finalized and
/// then recreated under the same name.
/// </summary>
[Trait("Field", "F03")]
public sealed class WorldIdentityTests(Cluster cluster) : IClassFixture<Cluster>
{
    private const int JournalPartition = 131_072;
    private const string Spec = """{"snapshot":{"maxRetained":1}}""";
    private const string Kind = "item";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_grown_world_with_a_trimmed_journal_is_served_whole_by_the_resource_that_adopts_it()
    {
        var world = await ReadyWorldAsync();
        using var volume = new TemporaryFolder("grown");
        const int Commits = JournalPartition + 1000;
        await GrowAsync(world, volume, Commits);
        Assert.True(await OldestInJournalAsync(world) > 1, "The journal was not trimmed.");

        var heir = await AdoptAsync(world);
        await using var agent = await StartAsync(heir, volume.Subfolder("another-volume"), "heir");
        await using var served = await agent.ConnectAsync();

        Assert.Equal((ulong)Commits, (await served.StatusAsync(Stop)).Sequence);
        Assert.Equal("1", await ReadAsync(served, "1"));
        Assert.Equal($"{Commits}", await ReadAsync(served, $"{Commits}"));
        Assert.Equal([world.Metadata.Uid], heir.Status.Stores!.Identities!);
    }

    [Fact]
    public async Task Commits_that_only_the_volume_holds_are_shipped_after_an_adoption()
    {
        var world = await ReadyWorldAsync();
        using var volume = new TemporaryFolder("claim");
        await using var proxy = new CuttingProxy(cluster.Postgres.Port);
        await using (var agent = await StartAsync(
            world, volume.Path, "world-0", (AetherVariables.PostgresPort, $"{proxy.Port}")))
        {
            await using var served = await agent.ConnectAsync();
            proxy.Cut();
            for (var i = 1; i <= 3; i++)
                await CommitAsync(served, i, WorldDurability.Fsync);
            await agent.KillAsync();
        }

        var heir = await AdoptAsync(world);
        await using var heirs = await StartAsync(heir, volume.Path, "heir-0");
        await using var again = await heirs.ConnectAsync();

        await WhenReplicatedAsync(again, 3);
        Assert.Equal("3", await ReadAsync(again, "3"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task World_of_a_cluster_restored_from_a_backup_is_recovered_with_one_annotation(bool staleReference)
    {
        var world = await ReadyWorldAsync();
        using var volume = new TemporaryFolder("restored");
        await CommitAndStopAsync(world, volume);
        var secret = await SecretAsync(world);

        await DeleteAsync(world);
        secret.Metadata = new V1ObjectMeta
        {
            Name = secret.Metadata.Name,
            NamespaceProperty = secret.Metadata.NamespaceProperty,
            Labels = secret.Metadata.Labels,
            OwnerReferences = staleReference ? secret.Metadata.OwnerReferences : null,
        };
        await cluster.Objects.CreateAsync(secret, Stop);
        var restored = await CreateAgainAsync(world, adopt: null);
        restored = await cluster.WaitReasonAsync(restored, "PostgresReady", nameof(StoreReason.OwnedByAnother));
        await AdoptAsync(restored, UidIn(Cluster.Condition(restored, "PostgresReady")!.Message, world));
        restored = await cluster.WaitReadyAsync(restored);

        await using var agent = await StartAsync(restored, volume.Path, "restored-0");
        await using var served = await agent.ConnectAsync();
        Assert.Equal("1", await ReadAsync(served, "1"));
        Assert.Equal(restored.Metadata.Uid, (await SecretAsync(restored)).Metadata.OwnerReferences.Single().Uid);
    }

    [Fact]
    public async Task A_restored_Secret_without_its_world_in_the_stores_is_not_taken_for_that_of_a_new_world()
    {
        var world = await ReadyWorldAsync("""{"deletionPolicy":"Delete"}""");
        var secret = await SecretAsync(world);
        await DeleteAsync(world);
        secret.Metadata = new V1ObjectMeta
        {
            Name = secret.Metadata.Name,
            NamespaceProperty = secret.Metadata.NamespaceProperty,
        };
        await cluster.Objects.CreateAsync(secret, Stop);

        var restored = await CreateAgainAsync(world, adopt: null);
        restored = await cluster.WaitReasonAsync(restored, WorldConditions.Ready, nameof(WorldReason.SecretConflict));
        var message = Cluster.Condition(restored, WorldConditions.Ready)!.Message;
        await cluster.Objects.DeleteAsync<V1Secret>(SecretOf(restored), null, Stop);

        Assert.Contains($"adopt-uid={world.Metadata.Uid}", message, StringComparison.Ordinal);
        await cluster.WaitReadyAsync(restored);
    }

    [Fact]
    public async Task Annotation_restores_the_identity_of_a_world_adopted_by_an_older_operator()
    {
        var world = await ReadyWorldAsync();
        using var volume = new TemporaryFolder("older");
        await CommitAndStopAsync(world, volume);
        var heir = await AdoptAsync(world);
        await DeleteAsync(heir);

        // The state left by operators before 0.2: the owner, but no identity of the data.
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        var older = new OwnerMark(heir.Metadata.Uid, "of that name").ToString();
        await admin.CreateCommand(
            $"COMMENT ON SCHEMA {SqlText.Identifier(world.Status.Stores!.Schema)} IS {SqlText.Literal(older)}")
            .ExecuteNonQueryAsync(Stop);
        var third = await cluster.WaitReadyAsync(await CreateAgainAsync(world, heir.Metadata.Uid));
        await AdoptAsync(third, world.Metadata.Uid);
        third = await cluster.WaitAsync(third, current => current.Status.Stores?.Identities?.Count == 2);

        Assert.Equal([heir.Metadata.Uid, world.Metadata.Uid], third.Status.Stores!.Identities!);
        await using var agent = await StartAsync(third, volume.Path, "third-0");
        await agent.WaitForLineAsync("snapshot of 1,");
    }

    [Fact]
    public async Task A_UID_that_no_snapshot_of_the_world_carries_is_not_accepted_as_its_identity()
    {
        var world = await ReadyWorldAsync();
        using var volume = new TemporaryFolder("foreign");
        await CommitAndStopAsync(world, volume);

        await AdoptAsync(world, Guid.NewGuid().ToString());
        await cluster.PatchWorldAsync(world, """{"spec":{"snapshot":{"maxRetained":2}}}""");
        world = await cluster.WaitReadyAsync(world);

        Assert.Equal([world.Metadata.Uid], world.Status.Stores!.Identities!);
    }

    [Fact]
    public async Task No_agent_gets_a_Secret_before_the_worlds_identity_is_known()
    {
        var name = $"b{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name, spec => spec.Postgres.Port = FreePort.Next());
        var world = await cluster.CreateWorldAsync(
            await cluster.NewNamespaceAsync(), "arena", $$$"""{"backendRef":{"name":"{{{name}}}"}}""");

        world = await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.Unreachable));
        world = await cluster.WaitReasonAsync(world, "RedisReady", nameof(StoreReason.AwaitingPostgres));
        var before = await cluster.Objects.TryGetAsync<V1Secret>(SecretOf(world), Stop);
        await cluster.PatchBackendAsync(name, $$$$"""{"spec":{"postgres":{"port":{{{{cluster.Postgres.Port}}}}}}}""");

        Assert.Null(before);
        world = await cluster.WaitReadyAsync(world);
        Assert.Equal(world.Metadata.Uid, Value(await SecretAsync(world), AetherVariables.WorldIdentity));
    }

    private async Task GrowAsync(WorldPersistence world, TemporaryFolder volume, int commits)
    {
        await using var agent = await StartAsync(world, volume.Subfolder("volume"), "grown-0");
        await using var served = await agent.ConnectAsync();
        foreach (var batch in Enumerable.Range(1, commits).Chunk(16_384))
            await Task.WhenAll(batch.Select(id => CommitAsync(served, id, WorldDurability.Batched)));
        await WhenReplicatedAsync(served, (ulong)commits);
        await served.SnapshotAsync(Stop);
        await Cluster.PollAsync(
            async () => await OldestInJournalAsync(world) > 1 ? "trimmed" : null, () => "the journal is not trimmed");
        Assert.Equal(0, await agent.StopAsync());
    }

    private async Task CommitAndStopAsync(WorldPersistence world, TemporaryFolder volume)
    {
        await using var agent = await StartAsync(world, volume.Path, "world-0");
        await using var served = await agent.ConnectAsync();
        await CommitAsync(served, 1, WorldDurability.Replicated);
        await served.SnapshotAsync(Stop);
        Assert.Equal(0, await agent.StopAsync());
    }

    private async Task<WorldAgent> StartAsync(
        WorldPersistence world, string volume, string pod, params (string Name, string Value)[] more) =>
        await WorldAgent.StartAsync(await SecretAsync(world), volume, pod, more);

    private static Task<WorldCommitted> CommitAsync(AetherWorld world, int id, WorldDurability durability) =>
        world.CommitAsync(
            new WorldCommit { Durability = durability }.Put(
                new WorldKey(Kind, $"{id}"), Encoding.UTF8.GetBytes($"{id}")),
            Stop);

    private static async Task WhenReplicatedAsync(AetherWorld world, ulong sequence)
    {
        var epoch = (await world.StatusAsync(Stop)).Epoch;
        await world.WaitForAsync(sequence, epoch, WorldDurability.Replicated, Stop);
    }

    private static async Task<string?> ReadAsync(AetherWorld world, string id) =>
        await world.GetAsync(new WorldKey(Kind, id), cancellationToken: Stop) is { } entry
            ? Encoding.UTF8.GetString(entry.Value.Span)
            : null;

    private async Task<WorldPersistence> ReadyWorldAsync(string spec = Spec) =>
        await cluster.WaitReadyAsync(await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", spec));

    private async Task<WorldPersistence> AdoptAsync(WorldPersistence world)
    {
        await DeleteAsync(world);
        return await cluster.WaitReadyAsync(await CreateAgainAsync(world, world.Metadata.Uid));
    }

    private async Task AdoptAsync(WorldPersistence world, string uid)
    {
        var annotations = new JsonObject { [AetherNames.AdoptAnnotation] = uid };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        await cluster.PatchWorldAsync(world, patch.ToJsonString());
    }

    private async Task DeleteAsync(WorldPersistence world)
    {
        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        await cluster.WaitGoneAsync(world);
    }

    private Task<WorldPersistence> CreateAgainAsync(WorldPersistence world, string? adopt) =>
        cluster.CreateWorldAsync(world.Metadata.NamespaceProperty, world.Metadata.Name, Spec, adopt);

    private async Task<V1Secret> SecretAsync(WorldPersistence world) =>
        (await cluster.Objects.TryGetAsync<V1Secret>(SecretOf(world), Stop))!;

    private static ObjectKey SecretOf(WorldPersistence world) =>
        new(world.Metadata.NamespaceProperty, world.Status.Stores!.SecretName);

    private static string Value(V1Secret secret, string name) => Encoding.UTF8.GetString(secret.Data[name]);

    private static string UidIn(string message, WorldPersistence former)
    {
        Assert.Contains($"{AetherNames.AdoptAnnotation}={former.Metadata.Uid}", message, StringComparison.Ordinal);
        return former.Metadata.Uid;
    }

    private async Task<long> OldestInJournalAsync(WorldPersistence world)
    {
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        var schema = SqlText.Identifier(world.Status.Stores!.Schema);
        return (long)(await admin
            .CreateCommand($"SELECT coalesce(min(first_sequence), 0) FROM {schema}.journal_blocks")
            .ExecuteScalarAsync(Stop))!;
    }
}
