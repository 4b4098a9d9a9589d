using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Redis;

/// <summary>Tests on a separate server, because other tests would fail without it.</summary>
public sealed class RedisOutageTests : IAsyncLifetime
{
    private readonly RedisServer _server = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Snapshot_and_fence_outlive_a_restart_and_an_outage_is_reported_as_one()
    {
        var options = await RedisWorlds.CreateAsync(_server, "outage") with
        {
            ConnectTimeout = Outages.Impatience,
            CommandTimeout = Outages.Impatience,
        };
        await using var world = new RedisWorld(options, TimeProvider.System);
        var store = new RedisSnapshotStore(world);
        await store.WriteAsync(Manifest(1, epoch: 2), Chunks([1], [2]), Cancellation);

        await _server.StopAsync();
        Func<Task>[] members =
        [
            () => store.OpenAsync(new Epoch(2), Cancellation),
            () => store.ListAsync(Cancellation),
            () => store.WriteAsync(Manifest(2, epoch: 2), Chunks([1]), Cancellation),
            () => ReadAsync(store, Manifest(1, epoch: 2)),
            () => store.DeleteAsync(new Epoch(2), Manifest(1, epoch: 2), Cancellation),
        ];
        foreach (var member in members)
            Assert.Equal("redis", (await Assert.ThrowsAsync<StoreUnavailableException>(member)).Store);
        var down = await new RedisHealth(world).CheckAsync(Cancellation);
        await _server.StartAsync(Cancellation);
        await UntilAsync(async () => (await new RedisHealth(world).CheckAsync(Cancellation)).Healthy);

        Assert.False(down.Healthy);
        Assert.Equal([[1], [2]], await ReadAsync(store, Manifest(1, epoch: 2)));
        await Assert.ThrowsAsync<FencedException>(
            () => store.WriteAsync(Manifest(2, epoch: 1), Chunks([1]), Cancellation));
    }

    [Fact]
    public async Task A_wrong_password_is_named_as_the_cause_and_not_shown()
    {
        var options = await RedisWorlds.CreateAsync(_server, "password");
        await using var world = new RedisWorld(
            options with { Password = "not-the-password" }, TimeProvider.System);

        var status = await Outages.CheckUntilAsync(
            new RedisHealth(world).CheckAsync, "has another password", Cancellation);

        Assert.False(status.Healthy);
        Assert.Contains("has another password than AETHER_REDIS_PASSWORD", status.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_refuses_the_password_after_an_outage_is_reported_for_the_password()
    {
        var options = await RedisWorlds.CreateAsync(_server, "stopped");
        await using var world = new RedisWorld(
            options with { Password = "not-the-password" }, TimeProvider.System);
        var health = new RedisHealth(world);
        await _server.StopAsync();
        var stopped = await health.CheckAsync(Cancellation);
        await _server.StartAsync(Cancellation);

        var status = await Outages.CheckUntilAsync(health.CheckAsync, "has another password", Cancellation);

        Assert.DoesNotContain("has another password", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("has another password than AETHER_REDIS_PASSWORD", status.Message, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
    }
}
