using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;
using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Redis;

/// <summary>
/// Two real servers and three sentinels of a private CA, which require certificates from clients and from each other.
/// </summary>
[Trait("Field", "F04")]
public sealed class RedisSentinelTlsTests : IAsyncLifetime
{
    private const string Password = "of-the-sentinels";

    private readonly TestAuthority _servers = new();
    private readonly TestAuthority _clients = new();
    private readonly TestAuthority _ofSentinelsOnly = new();
    private readonly RedisSentinelSet _set;

    public RedisSentinelTlsTests() => _set = new RedisSentinelSet(
        Password, _servers.IssuePeer(_clients), _servers.IssuePeer(_clients, _ofSentinelsOnly));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _set.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _set.DisposeAsync();
        foreach (var authority in new[] { _servers, _clients, _ofSentinelsOnly })
            authority.Dispose();
    }

    [Fact]
    public async Task No_replicated_snapshot_is_lost_when_a_primary_with_TLS_is_killed()
    {
        await using var world = World(_clients.IssueClient("agents"));
        var store = new RedisSnapshotStore(world);
        await WriteAsync(store, 1, 20);
        await RedisWorlds.ReplicatedAsync(_set.First, _set.Second);

        await _set.First.KillAsync();
        await WriteAsync(store, 21, 40);

        Assert.Equal(
            Enumerable.Range(1, 40).Select(number => (ulong)number).OrderDescending(),
            (await store.ListAsync(Cancellation)).Select(found => found.Sequence.Value));
        Assert.Contains(
            "role:master", await _set.Second.ExecuteAsync(Cancellation, "INFO", "replication"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sentinels_that_refuse_the_client_certificate_are_an_outage_with_the_cause()
    {
        using var stranger = new TestAuthority();

        foreach (var client in new[]
        {
            null, stranger.IssueClient("agents"), _clients.IssueExpiredClient("agents"),
        })
        {
            var message = await FailAsync(client);
            Assert.Contains("sentinel 127.0.0.1:", message, StringComparison.Ordinal);
            Assert.Contains(
                client is null ? "none was presented" : "refuses the client certificate", message,
                StringComparison.Ordinal);
            Assert.Contains("spec.redis.agentClientCertificateSecretRef", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Primary_that_refuses_the_client_certificate_is_an_outage_with_the_cause()
    {
        var message = await FailAsync(_ofSentinelsOnly.IssueClient("agents"));

        Assert.Contains("primary 'worlds' of sentinels", message, StringComparison.Ordinal);
        Assert.Contains("the server refuses the client certificate", message, StringComparison.Ordinal);
        Assert.DoesNotContain("sentinel 127.0.0.1:", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sentinels_of_another_CA_are_an_outage_that_names_the_CA()
    {
        using var other = new TestAuthority();

        var message = await FailAsync(_clients.IssueClient("agents"), other.Pem);

        Assert.Contains("sentinel 127.0.0.1:", message, StringComparison.Ordinal);
        Assert.Contains("spec.redis.caSecretRef", message, StringComparison.Ordinal);
    }

    private async Task<string> FailAsync(ClientFiles? client, string? authority = null)
    {
        await using var world = World(client, authority);
        var status = await new RedisHealth(world).CheckAsync(Cancellation);
        Assert.False(status.Healthy);
        return status.Message;
    }

    private RedisWorld World(ClientFiles? client, string? authority = null) => new(
        new RedisConnectionOptions
        {
            Endpoint = "",
            Sentinel = new SentinelOptions
            {
                MasterName = RedisSentinelSet.MasterName,
                Hosts = _set.Hosts,
                Password = Password,
                Patience = TestServer.ClientPatience,
            },
            Username = _set.First.AdminUsername,
            Password = _set.First.AdminPassword,
            KeyPrefix = WorldNames.For("tests", "sentinel-tls").RedisKeyPrefix,
            Tls = true,
            RootCertificate = authority ?? _servers.Pem,
            Client = client is null ? null : ClientCertificate.Parse(client.Certificate, client.Key),
        },
        TimeProvider.System);

    private static async Task WriteAsync(RedisSnapshotStore store, ulong first, ulong last)
    {
        for (var sequence = first; sequence <= last; sequence++)
            await Outages.OutlastAsync(
                token => store.WriteAsync(Manifest(sequence, epoch: 1), Chunks([1], [2]), token), Cancellation);
    }
}
