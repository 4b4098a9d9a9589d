using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>A second resource finds the stores of an earlier one.</summary>
public sealed class AdoptionTests(SharedCluster shared)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recreated_world_is_refused_and_changes_nothing()
    {
        var bed = await shared.StartedAsync();
        var (world, formerUid) = await RetainedWorldAsync(bed);
        var before = await world.ContentsAsync();

        await world.ApplyAsync();

        foreach (var type in (string[])["PostgresReady", "RedisReady", "NatsReady"])
        {
            var refused = await world.UntilAsync(type, "False", "OwnedByAnother");
            Assert.Contains(formerUid, refused.Condition(type)!.Message);
        }

        await world.UntilAsync("Ready", "False", "StoresNotReady");
        Assert.Equal(before.Stores, (await world.ContentsAsync()).Stores);
    }

    [Fact]
    public async Task The_deletion_of_a_refused_world_deletes_nothing_of_the_owner()
    {
        var bed = await shared.StartedAsync();
        var (world, _) = await RetainedWorldAsync(bed);
        var before = await world.ContentsAsync();
        await world.ApplyAsync("""{"deletionPolicy":"Delete"}""");
        await world.UntilAsync("PostgresReady", "False", "OwnedByAnother");

        await world.DeleteAsync();

        Assert.Equal(before.Stores, (await world.ContentsAsync()).Stores);
    }

    [Fact]
    public async Task Recreated_world_adopts_the_existing_data_by_annotation()
    {
        var bed = await shared.StartedAsync();
        var (world, formerUid) = await RetainedWorldAsync(bed);
        await world.ApplyAsync();
        await world.UntilAsync("PostgresReady", "False", "OwnedByAnother");

        await AdoptAsync(world, formerUid);

        await world.ReadyAsync();
        var after = await world.ContentsAsync();
        Assert.Contains(after.Postgres, line => line.Contains("what the world wrote", StringComparison.Ordinal));
        Assert.Contains(after.Redis, line => line.EndsWith("= what the world wrote", StringComparison.Ordinal));
        Assert.Contains("messages 1", after.Nats);
        Assert.DoesNotContain(
            after.Redis.Concat(after.Nats), line => line.Contains(formerUid, StringComparison.Ordinal));
        Assert.Contains(
            after.Postgres, line => line.Contains($"\"identity\":\"{formerUid}\"", StringComparison.Ordinal));
        Assert.All([after.Postgres, after.Redis, after.Nats], lines =>
            Assert.Contains(lines, line => line.Contains(world.Uid, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_annotation_with_another_uid_gives_no_access()
    {
        var bed = await shared.StartedAsync();
        var (world, formerUid) = await RetainedWorldAsync(bed);
        var before = await world.ContentsAsync();
        await world.ApplyAsync();
        await world.UntilAsync("PostgresReady", "False", "OwnedByAnother");

        await AdoptAsync(world, Guid.NewGuid().ToString());
        await world.MergeAsync("""{"spec":{"snapshot":{"maxRetained":6}}}""");

        var refused = await world.UntilAsync("PostgresReady", "False", "OwnedByAnother");
        Assert.Contains(formerUid, refused.Condition("PostgresReady")!.Message);
        Assert.Equal(before.Stores, (await world.ContentsAsync()).Stores);
    }

    private static Task AdoptAsync(TestWorld world, string uid) => world.MergeAsync(
        $$"""
        {"metadata":{"annotations":{"{{AetherNames.AdoptAnnotation}}":"{{uid}}"} } }
        """);

    private static async Task<(TestWorld World, string FormerUid)> RetainedWorldAsync(TestBed bed)
    {
        var world = await bed.ReadyWorldAsync("""{"deletionPolicy":"Retain"}""");
        await bed.Stores.PutDataAsync(world.Names, Stop);
        await world.DeleteAsync();
        return (world, world.Uid);
    }
}
