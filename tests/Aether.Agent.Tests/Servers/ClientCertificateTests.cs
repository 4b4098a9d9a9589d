using Aether.Agent.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Certificates;

namespace Aether.Agent.Tests.Servers;

/// <summary>
/// The agent on servers of a private CA that require a client certificate of another CA, all from the mounted Secret.
/// </summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private readonly TestAuthority _servers = new();
    private readonly TestAuthority _nextServers = new();
    private readonly TestAuthority _clients = new();
    private readonly TestAuthority _nextClients = new();
    private readonly TemporaryFolder _folder = new("certificates");
    private readonly ServerWorld _world;
    private readonly RedisServer _redis;

    public ClientCertificateTests()
    {
        var certificate = _servers.IssuePeer(_clients, _nextClients);
        _world = new ServerWorld(certificate, client: _clients.IssueClient("tests"));
        _redis = new RedisServer(certificate);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        await Task.WhenAll(_world.InitializeAsync().AsTask(), _redis.StartAsync(Cancellation));

    [Fact]
    public async Task Agent_with_a_client_certificate_commits_snapshots_and_publishes_on_all_three_stores()
    {
        var (agent, secret) = await StartAsync();
        await using var _ = agent;
        using var __ = secret;
        await using var client = await agent.Endpoints.ConnectAsync();

        await client.CommitAsync(CommitLoad.Put("1"), Cancellation);
        await client.SnapshotAsync(Cancellation);
        await client.PublishEventAsync("trade.done", new byte[] { 7 }, Cancellation);
        var published = await client.SubscribeEventsAsync("", 0, Cancellation).FirstAsync(Cancellation);

        var status = await client.StatusAsync(Cancellation);
        Assert.Equal("trade.done", published.Type);
        Assert.NotEmpty(status.Backends);
        Assert.All(status.Backends, backend => Assert.True(backend.Healthy, backend.Message));
    }

    [Fact]
    [Trait("Field", "F05")]
    public async Task Certificates_of_clients_and_servers_renewed_under_load_lose_no_commit_and_need_no_restart()
    {
        var (agent, secret) = await StartAsync();
        await using var _ = agent;
        using var __ = secret;
        await using var client = await agent.Endpoints.ConnectAsync();
        await using var load = new CommitLoad(client);

        await secret.ChangeAsync(agent, Certificates(_nextClients, _servers, _nextServers));
        await RenewServersAsync();
        await client.SnapshotAsync(Cancellation);
        await client.PublishEventAsync("renewed", new byte[] { 7 }, Cancellation);
        await secret.ChangeAsync(agent, Certificates(_nextClients, _nextServers));

        await load.AssertNothingLostAsync(agent, _world);
    }

    [Fact]
    public async Task Agent_keeps_its_certificate_while_the_servers_refuse_the_new_one()
    {
        using var stranger = new TestAuthority();
        var (agent, secret) = await StartAsync();
        await using var _ = agent;
        using var __ = secret;
        await using var client = await agent.Endpoints.ConnectAsync();

        secret.Change(Certificates(stranger, _servers));
        await agent.SaysAsync("cannot be used yet");
        await client.CommitAsync(CommitLoad.Put("1"), Cancellation);

        foreach (var store in new[] { "postgres", "redis", "nats" })
            await agent.SaysAsync($"spec.{store}.agentClientCertificateSecretRef");
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _redis.DisposeAsync();
        _folder.Dispose();
        foreach (var authority in new[] { _servers, _nextServers, _clients, _nextClients })
            authority.Dispose();
    }

    // Each server presents a certificate of another CA, and trusts only the clients' next CA. nats-server closes its
    // connections only by a restart.
    private async Task RenewServersAsync()
    {
        var next = _nextServers.IssuePeer(_nextClients);
        await _world.Postgres.UseCertificateAsync(next, Cancellation);
        await _world.EndSessionsAsync();
        await _redis.UseCertificateAsync(next, Cancellation);
        await _redis.EndConnectionsAsync(_redis.AdminUsername, Cancellation);
        await _world.Nats.UseCertificateAsync(next, Cancellation);
        await _world.Nats.StopAsync();
        await _world.Nats.StartAsync(Cancellation);
    }

    private (string Name, string Value)[] Certificates(TestAuthority clients, params TestAuthority[] servers)
    {
        var own = clients.IssueClient(_world.Role);
        var trusted = string.Join('\n', servers.Select(authority => authority.Pem));
        return
        [
            (AetherVariables.PostgresRootCertificate, trusted),
            (AetherVariables.PostgresClientCertificate, own.Certificate),
            (AetherVariables.PostgresClientKey, own.Key),
            (AetherVariables.RedisRootCertificate, trusted),
            (AetherVariables.RedisClientCertificate, own.Certificate),
            (AetherVariables.RedisClientKey, own.Key),
            (AetherVariables.NatsRootCertificate, trusted),
            (AetherVariables.NatsClientCertificate, own.Certificate),
            (AetherVariables.NatsClientKey, own.Key),
        ];
    }

    private Task<(AgentProcess Agent, MountedSecret Secret)> StartAsync() => _world.StartAgentWithSecretAsync(
        _folder,
        "agent",
        [
            (AetherVariables.PostgresSslMode, "VerifyFull"),
            (AetherVariables.SnapshotStore, "Redis"),
            (AetherVariables.RedisEndpoint, _redis.Endpoint),
            (AetherVariables.RedisTls, "true"),
            (AetherVariables.RedisUsername, _redis.AdminUsername),
            (AetherVariables.RedisPassword, _redis.AdminPassword),
            (AetherVariables.RedisKeyPrefix, "aether:{economy}:"),
            .. Certificates(_clients, _servers),
        ]);
}
