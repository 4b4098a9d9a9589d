using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Certificates;

namespace Aether.Agent.Tests.Servers;

/// <summary>The agent on servers with TLS, whose CA is known only from the settings.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();
    private readonly TemporaryFolder _folder = new("tls");
    private readonly ServerWorld _world;
    private readonly RedisServer _redis;

    public TlsTests()
    {
        _world = new ServerWorld(_authority.Issue());
        _redis = new RedisServer(_authority.Issue());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        await Task.WhenAll(_world.InitializeAsync().AsTask(), _redis.StartAsync(Cancellation));

    [Fact]
    public async Task Agent_with_the_right_CA_uses_all_three_stores()
    {
        await using var agent = await StartAsync(postgres: _authority, system: _authority);
        await using var client = await agent.Endpoints.ConnectAsync();

        await client.CommitAsync(Replicated(), Cancellation);
        await client.SnapshotAsync(Cancellation);
        await client.PublishEventAsync("trade.done", new byte[] { 7 }, Cancellation);
        var published = await client.SubscribeEventsAsync("", 0, Cancellation).FirstAsync(Cancellation);

        var status = await client.StatusAsync(Cancellation);
        Assert.Equal("trade.done", published.Type);
        Assert.NotEmpty(status.Backends);
        Assert.All(status.Backends, backend => Assert.True(backend.Healthy, backend.Message));
    }

    [Fact]
    public async Task Agent_with_another_CA_for_PostgreSQL_does_not_open_the_world_and_says_why()
    {
        await using var agent = await StartAsync(postgres: _other, system: _authority);

        var line = await agent.SaysAsync(AetherVariables.PostgresRootCertificate);

        var ready = await agent.Endpoints.Health.GetAsync("readyz", Cancellation);
        Assert.Contains("certificate", line, StringComparison.Ordinal);
        Assert.False(ready.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Agent_with_another_CA_for_NATS_serves_state_and_says_why_there_are_no_events()
    {
        await using var agent = await StartAsync(
            postgres: _authority, system: _other, (AetherVariables.SnapshotStore, "Postgres"));
        await using var client = await agent.Endpoints.ConnectAsync(RetryPolicy.None);

        var committed = await client.CommitAsync(Replicated(), Cancellation);
        var line = await agent.SaysAsync("SSL_CERT_FILE");

        Assert.Equal(WorldDurability.Replicated, committed.Durability);
        Assert.Contains("certificate", line, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<AgentUnavailableException>(
            () => client.PublishEventAsync("trade.done", new byte[] { 7 }, Cancellation));
        Assert.Contains("certificate", error.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _redis.DisposeAsync();
        _folder.Dispose();
        _authority.Dispose();
        _other.Dispose();
    }

    private static WorldCommit Replicated() =>
        new WorldCommit { Durability = WorldDurability.Replicated }.Put(new("k", "1"), new byte[] { 1 });

    // PostgreSQL's CA is a setting of its own; Redis and NATS use the process's trust store.
    private async Task<AgentProcess> StartAsync(
        TestAuthority postgres, TestAuthority system, params (string Name, string Value)[] more)
    {
        var trusted = _folder.File("trusted.pem");
        await File.WriteAllTextAsync(trusted, system.Pem, Cancellation);
        return await _world.StartAgentAsync(
            _folder,
            "agent",
            [
                ("SSL_CERT_FILE", trusted),
                (AetherVariables.PostgresSslMode, "VerifyFull"),
                (AetherVariables.PostgresRootCertificate, postgres.Pem),
                (AetherVariables.SnapshotStore, "Redis"),
                (AetherVariables.RedisEndpoint, _redis.Endpoint),
                (AetherVariables.RedisTls, "true"),
                (AetherVariables.RedisUsername, _redis.AdminUsername),
                (AetherVariables.RedisPassword, _redis.AdminPassword),
                (AetherVariables.RedisKeyPrefix, "aether:{economy}:"),
                .. more,
            ]);
    }
}
