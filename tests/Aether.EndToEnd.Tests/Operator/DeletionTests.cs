using Aether.EndToEnd.Tests.Support;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>What remains of a world after its resource is deleted.</summary>
public sealed class DeletionTests(SharedCluster shared)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"class":"Durable"}""")]
    [InlineData("""{"class":"Ephemeral","deletionPolicy":"Retain"}""")]
    public async Task Retain_keeps_everything_in_the_stores_including_the_mark(string spec)
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync(spec);
        await bed.Stores.PutDataAsync(world.Names, Stop);
        var before = await world.ContentsAsync();

        await world.DeleteAsync();

        var retained = await world.EventAsync("StoresRetained");
        Assert.Contains($"adopt-uid={world.Uid}", retained.Message);
        var after = await world.ContentsAsync();
        Assert.Equal(before.Stores, after.Stores);
        Assert.All([after.Postgres, after.Redis, after.Nats], lines =>
            Assert.Contains(lines, line => line.Contains(world.Uid, StringComparison.Ordinal)));
        Assert.Empty(after.Secret);
    }

    [Theory]
    [InlineData("""{"class":"Durable","deletionPolicy":"Delete"}""")]
    [InlineData("""{"class":"Ephemeral"}""")]
    public async Task Delete_removes_all_of_the_world_and_nothing_of_its_neighbour(string spec)
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync(spec);
        var neighbour = await bed.ReadyWorldAsync(spec, world.Namespace, "economy-2");
        await bed.Stores.PutDataAsync(world.Names, Stop);
        await bed.Stores.PutDataAsync(neighbour.Names, Stop);
        var neighbourBefore = await neighbour.ContentsAsync();

        await world.DeleteAsync();

        await world.EventAsync("StoresDeleted");
        Assert.Empty((await world.ContentsAsync()).All);
        Assert.Equal(neighbourBefore.All, (await neighbour.ContentsAsync()).All);
    }

    [Fact]
    public async Task A_policy_changed_to_retain_before_the_deletion_holds()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync("""{"deletionPolicy":"Delete"}""");
        await bed.Stores.PutDataAsync(world.Names, Stop);
        var before = await world.ContentsAsync();

        await world.MergeAsync("""{"spec":{"deletionPolicy":"Retain"}}""");
        await world.DeleteAsync();

        Assert.Equal(before.Stores, (await world.ContentsAsync()).Stores);
    }

    [Fact]
    public async Task A_paused_world_is_not_deleted_with_its_stores_until_it_is_resumed()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync("""{"deletionPolicy":"Delete"}""");
        var before = await world.ContentsAsync();
        await world.MergeAsync("""{"spec":{"paused":true}}""");

        var deletion = world.DeleteAsync();
        await world.UntilAsync("Ready", "False", "DeletionBlocked");

        Assert.Equal(before.All, (await world.ContentsAsync()).All);
        await world.MergeAsync("""{"spec":{"paused":false}}""");
        await deletion;
        Assert.Empty((await world.ContentsAsync()).All);
    }
}
