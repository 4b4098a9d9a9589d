using System.Diagnostics;
using Aether.Persistence.Sentinels;
using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using StackExchange.Redis;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Redis;

/// <summary>Two real servers and three sentinels that fail over between them.</summary>
[Trait("Field", "F04")]
public sealed class RedisSentinelTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Password = "of-the-sentinels";

    private readonly RedisSentinelSet _set = new(Password);
    private RedisConnectionOptions _options = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _set.StartAsync(Cancellation);
        var direct = await RedisWorlds.CreateAsync(_set.First, "sentinel");
        await RedisWorlds.CreateAsync(_set.Second, "sentinel", direct.Password!);
        _options = direct with
        {
            Endpoint = "",
            Sentinel = new SentinelOptions
            {
                MasterName = RedisSentinelSet.MasterName,
                Hosts = _set.Hosts,
                Password = Password,
            },
        };
    }

    public ValueTask DisposeAsync() => _set.DisposeAsync();

    [Fact]
    public async Task No_replicated_snapshot_is_lost_when_the_primary_is_killed()
    {
        await using var world = new RedisWorld(_options, TimeProvider.System);
        var store = new RedisSnapshotStore(world);
        await WriteAsync(store, 1, 20);
        await RedisWorlds.ReplicatedAsync(_set.First, _set.Second);

        var killed = Stopwatch.GetTimestamp();
        await _set.First.KillAsync();
        await WriteAsync(store, 21, 21);
        output.WriteLine($"next acknowledgement after {Stopwatch.GetElapsedTime(killed).TotalSeconds:F1} s");
        await WriteAsync(store, 22, 40);

        await using var direct = Direct(_set.Second);
        Assert.Equal(
            Enumerable.Range(1, 40).Select(n => (ulong)n).OrderDescending(),
            (await new RedisSnapshotStore(direct).ListAsync(Cancellation)).Select(found => found.Sequence.Value));
    }

    [Fact]
    public async Task A_former_primary_that_restarts_gets_no_connection()
    {
        await using var world = new RedisWorld(_options, TimeProvider.System);
        var store = new RedisSnapshotStore(world);
        await WriteAsync(store, 1, 1);
        await RedisWorlds.ReplicatedAsync(_set.First, _set.Second);
        await _set.First.KillAsync();
        await _set.FailedOverAsync(Cancellation);

        // It accepts writes until the sentinels make it a replica, at least eight seconds later.
        await _set.First.StartAsync(Cancellation);
        var clients = new List<string>();
        while ((await RedisWorlds.SendAsync(_set.First, "INFO replication")).ToString().Contains("role:master"))
        {
            clients.Add((await RedisWorlds.SendAsync(_set.First, "CLIENT LIST")).ToString());
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }

        await WriteAsync(store, 2, 2);

        Assert.NotEmpty(clients);
        Assert.All(clients, list => Assert.DoesNotContain("name=aether-agent", list, StringComparison.Ordinal));
        await using var direct = Direct(_set.Second);
        Assert.Contains(Manifest(2, epoch: 1), await new RedisSnapshotStore(direct).ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_client_that_reconnects_by_itself_never_connects_to_a_former_primary()
    {
        var sentinels = new SentinelSet(_options.Sentinel!, new ConfigurationOptions());
        var tunnel = new PrimaryTunnel(sentinels);
        var former = (await sentinels.AskAsync(Cancellation)).Primary;
        Assert.Equal(former, await tunnel.GetSocketConnectEndpointAsync(former, Cancellation));

        await _set.First.KillAsync();
        await _set.FailedOverAsync(Cancellation);
        await _set.First.StartAsync(Cancellation);
        var refusal = await Assert.ThrowsAsync<SentinelException>(
            async () => await tunnel.GetSocketConnectEndpointAsync(former, Cancellation));

        Assert.Equal(SentinelFailure.Moved, refusal.Failure);
    }

    [Fact]
    public async Task A_sentinel_that_missed_the_failover_is_ignored()
    {
        await using var former = new RedisServer();
        await former.StartAsync(Cancellation);
        await using var uninformed = new RedisSentinel(former, RedisSentinelSet.MasterName, 1, Password);
        await uninformed.StartAsync(Cancellation);
        await _set.First.KillAsync();
        await _set.FailedOverAsync(Cancellation);

        var sentinels = new SentinelSet(
            _options.Sentinel! with { Hosts = $"{uninformed.Endpoint},{_set.Hosts}" }, new ConfigurationOptions());

        Assert.Equal($"{_set.Second.Host}:{_set.Second.Port}", $"{(await sentinels.AskAsync(Cancellation)).Primary}");
    }

    [Theory]
    [InlineData("someone", null, "knows no primary by the name 'someone': put the name")]
    [InlineData(null, "wrong", "spec.redis.sentinel.credentialsSecretRef")]
    public async Task Sentinels_that_name_no_primary_are_an_outage_with_the_cause(
        string? master, string? password, string cause)
    {
        await using var world = new RedisWorld(
            _options with
            {
                Sentinel = _options.Sentinel! with
                {
                    MasterName = master ?? RedisSentinelSet.MasterName,
                    Password = password ?? Password,
                },
            },
            TimeProvider.System);

        var status = await new RedisHealth(world).CheckAsync(Cancellation);

        Assert.False(status.Healthy);
        Assert.Contains(cause, status.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another password than", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unavailable_sentinels_are_an_outage_that_ends_when_they_return()
    {
        await using var world = new RedisWorld(_options, TimeProvider.System);
        foreach (var sentinel in _set.Sentinels)
            await sentinel.StopAsync();

        var unreachable = await new RedisHealth(world).CheckAsync(Cancellation);
        await _set.Sentinels[1].StartAsync(Cancellation);
        await Outages.OutlastAsync(
            token => new RedisSnapshotStore(world).WriteAsync(Manifest(1, epoch: 1), Chunks([1]), token),
            Cancellation);

        Assert.Contains("No sentinel answers at " + _set.Hosts, unreachable.Message, StringComparison.Ordinal);
        Assert.Contains("spec.redis.sentinel.hosts", unreachable.Message, StringComparison.Ordinal);
    }

    private RedisWorld Direct(RedisServer server) =>
        new(_options with { Endpoint = server.Endpoint, Sentinel = null }, TimeProvider.System);

    private static async Task WriteAsync(RedisSnapshotStore store, ulong first, ulong last)
    {
        for (var sequence = first; sequence <= last; sequence++)
            await Outages.OutlastAsync(
                token => store.WriteAsync(Manifest(sequence, epoch: 1), Chunks([1], [2]), token), Cancellation);
    }
}
