using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Redis;

/// <summary>Servers that refuse EVAL: transactions provide the fence instead.</summary>
public sealed class RedisWithoutScriptsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Field", "F24")]
    public async Task Store_and_fence_work_where_scripts_are_disabled()
    {
        await using var server = new RedisServer(
            null, null, "--rename-command", "EVAL", "", "--rename-command", "EVALSHA", "");
        await server.StartAsync(Cancellation);

        await AssertKeptAsync(await RedisWorlds.CreateAsync(server, "disabled"));
    }

    [Fact]
    [Trait("Field", "F24")]
    public async Task Store_and_fence_work_without_the_right_to_run_scripts()
    {
        await using var server = new RedisServer();
        await server.StartAsync(Cancellation);
        var options = await RedisWorlds.CreateAsync(server, "denied");
        await RedisWorlds.SendAsync(server, $"ACL SETUSER {options.Username} -@scripting");

        await AssertKeptAsync(options);
    }

    private static async Task AssertKeptAsync(RedisConnectionOptions options)
    {
        await using var world = new RedisWorld(options, TimeProvider.System);
        var store = new RedisSnapshotStore(world);
        await store.OpenAsync(new Epoch(1), Cancellation);
        await store.WriteAsync(Manifest(1, epoch: 1), Chunks([9]), Cancellation);
        await store.WriteAsync(Manifest(1, epoch: 1), Chunks([1], [2], [3], [4], [5], [6]), Cancellation);
        await store.WriteAsync(Manifest(2, epoch: 1), Chunks([7]), Cancellation);
        await store.DeleteAsync(new Epoch(1), Manifest(2, epoch: 1), Cancellation);

        await using var newer = new RedisWorld(options, TimeProvider.System);
        await new RedisSnapshotStore(newer).OpenAsync(new Epoch(2), Cancellation);
        Func<Task>[] writes =
        [
            () => store.OpenAsync(new Epoch(1), Cancellation),
            () => store.WriteAsync(Manifest(3, epoch: 1), Chunks([1]), Cancellation),
            () => store.DeleteAsync(new Epoch(1), Manifest(1, epoch: 1), Cancellation),
        ];
        foreach (var write in writes)
            Assert.Equal(new Epoch(2), (await Assert.ThrowsAsync<FencedException>(write)).Current);

        Assert.Equal([Manifest(1, epoch: 1)], await store.ListAsync(Cancellation));
        Assert.Equal([[1], [2], [3], [4], [5], [6]], await ReadAsync(store, Manifest(1, epoch: 1)));
    }
}
