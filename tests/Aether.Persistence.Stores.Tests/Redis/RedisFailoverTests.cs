using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Redis;

/// <summary>Two real servers that swap their roles behind one address.</summary>
public sealed class RedisFailoverTests : IAsyncLifetime
{
    private readonly RedisPair _pair = new();
    private RedisConnectionOptions _options = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _pair.StartAsync(Cancellation);
        _options = await RedisWorlds.CreateAsync(_pair.Primary, "failover") with { Endpoint = _pair.Endpoint };
        await RedisWorlds.CreateAsync(_pair.Replica, "failover", _options.Password!);
    }

    public ValueTask DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    [Trait("Field", "F04")]
    public async Task A_snapshot_after_a_failover_is_stored_on_the_new_primary_at_once()
    {
        await using var world = new RedisWorld(_options, TimeProvider.System);
        var store = new RedisSnapshotStore(world);
        await store.OpenAsync(new Epoch(1), Cancellation);
        await store.WriteAsync(Manifest(1, epoch: 1), Chunks([1]), Cancellation);

        await _pair.SwapAsync(Cancellation);
        _pair.Follow();
        await store.WriteAsync(Manifest(2, epoch: 1), Chunks([2], [3], [4], [5], [6], [7]), Cancellation);

        await using var direct = new RedisWorld(
            _options with { Endpoint = _pair.Primary.Endpoint }, TimeProvider.System);
        var found = new RedisSnapshotStore(direct);
        Assert.Contains(Manifest(2, epoch: 1), await found.ListAsync(Cancellation));
        Assert.Equal([[2], [3], [4], [5], [6], [7]], await ReadAsync(found, Manifest(2, epoch: 1)));
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task A_replica_behind_the_address_is_an_outage_with_its_cause_and_a_primary_ends_it()
    {
        await using var world = new RedisWorld(_options, TimeProvider.System);
        var store = new RedisSnapshotStore(world);
        await store.WriteAsync(Manifest(1, epoch: 1), Chunks([1]), Cancellation);
        await _pair.SwapAsync(Cancellation);

        var outage = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => store.WriteAsync(Manifest(2, epoch: 1), Chunks([2]), Cancellation));
        _pair.Follow();
        await Outages.OutlastAsync(
            token => store.WriteAsync(Manifest(2, epoch: 1), Chunks([2]), token), Cancellation);

        Assert.Contains(_pair.Endpoint, outage.Message, StringComparison.Ordinal);
        Assert.Contains("read-only replica: it must lead to the primary", outage.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task Snapshots_are_not_listed_from_a_replica()
    {
        await using var world = new RedisWorld(
            _options with { Endpoint = _pair.Replica.Endpoint }, TimeProvider.System);

        var outage = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => new RedisSnapshotStore(world).ListAsync(Cancellation));

        Assert.Contains("read-only replica", outage.Message, StringComparison.Ordinal);
    }
}
