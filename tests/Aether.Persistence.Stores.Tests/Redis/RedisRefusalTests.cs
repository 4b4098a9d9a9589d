using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Redis;

/// <summary>
/// Servers whose state prevents a world's requests. Each refusal is an outage with a cause, not a defect, and ends with
/// that state.
/// </summary>
public sealed class RedisRefusalTests : IAsyncLifetime
{
    private readonly RedisServer _server = new();
    private RedisSnapshotStore _store = null!;
    private RedisWorld _world = null!;
    private string _user = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        var options = await RedisWorlds.CreateAsync(_server, "refused");
        _user = options.Username!;
        _world = new RedisWorld(options, TimeProvider.System);
        _store = new RedisSnapshotStore(_world);
        await WriteAsync(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [Trait("Field", "F04")]
    [InlineData("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "reached its maxmemory")]
    [InlineData("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0", "fewer replicas")]
    [InlineData("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "read-only replica")]
    public async Task Refused_write_is_an_outage_with_its_cause(string trouble, string remedy, string cause)
    {
        await RedisWorlds.SendAsync(_server, trouble);

        var outage = await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(2));
        await RedisWorlds.SendAsync(_server, remedy);
        await Outages.OutlastAsync(_ => WriteAsync(2), Cancellation);

        Assert.Contains(cause, outage.Message, StringComparison.Ordinal);
        Assert.Contains(_server.Endpoint, outage.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F24")]
    public async Task Command_denied_inside_a_script_is_an_outage_and_not_a_defect()
    {
        await RedisWorlds.SendAsync(_server, $"ACL SETUSER {_user} -hset");

        var outage = await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(2));
        await RedisWorlds.SendAsync(_server, $"ACL SETUSER {_user} +hset");
        await WriteAsync(2);

        Assert.Contains("lacks a right", outage.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task Replica_without_its_primary_is_an_outage_with_its_cause()
    {
        await RedisWorlds.SendAsync(_server, "CONFIG SET replica-serve-stale-data no");
        await RedisWorlds.SendAsync(_server, "REPLICAOF 127.0.0.1 1");

        var outage = await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(2));

        Assert.Contains("must lead to the primary", outage.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task Server_that_cannot_save_is_an_outage_with_its_cause()
    {
        await using var server = new RedisServer(null, null, "--appendonly", "no", "--save", "3600 1");
        await server.StartAsync(Cancellation);
        await using var world = new RedisWorld(await RedisWorlds.CreateAsync(server, "unsaved"), TimeProvider.System);
        var store = new RedisSnapshotStore(world);
        Directory.Delete(server.Folder, recursive: true);
        await RedisWorlds.FailToSaveAsync(server);

        var outage = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => store.WriteAsync(Manifest(1, epoch: 1), Chunks([1]), Cancellation));

        Assert.Contains("could not save its data", outage.Message, StringComparison.Ordinal);
    }

    private Task WriteAsync(ulong sequence) =>
        _store.WriteAsync(Manifest(sequence, epoch: 1), Chunks([1]), Cancellation);
}
