using System.Globalization;
using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.Persistence.V1;
using Aether.TestServers;
using Aether.TestServers.Certificates;

namespace Aether.Agent.Tests.Servers;

/// <summary>
/// The agent on servers of a private CA that let nobody in without a certificate of another, all from the mounted
/// Secret.
/// </summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TestAuthority _servers = new();
    private readonly TestAuthority _nextServers = new();
    private readonly TestAuthority _clients = new();
    private readonly TestAuthority _nextClients = new();
    private readonly TemporaryFolder _folder = new("certificates");
    private readonly ServerWorld _world;
    private readonly RedisServer _redis;

    public ClientCertificateTests()
    {
        var certificate = _servers.Issue().WithClientsOf(_clients, _nextClients);
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

        await client.CommitAsync(Put("1"), Cancellation);
        await client.SnapshotAsync(Cancellation);
        await client.PublishEventAsync("trade.done", new byte[] { 7 }, Cancellation);
        var told = await client.SubscribeEventsAsync("", 0, Cancellation).FirstAsync(Cancellation);

        var status = await client.StatusAsync(Cancellation);
        Assert.Equal("trade.done", told.Type);
        Assert.NotEmpty(status.Backends);
        Assert.All(status.Backends, backend => Assert.True(backend.Healthy, backend.Message));
    }

    [Fact]
    [Trait("Field", "F05")]
    public async Task Client_certificates_and_CAs_renewed_under_load_lose_no_commit_and_need_no_restart()
    {
        var (agent, secret) = await StartAsync();
        await using var _ = agent;
        using var __ = secret;
        await using var client = await agent.Endpoints.ConnectAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writers = Enumerable.Range(0, 4).Select(writer => WriteAsync(client, writer, over.Token)).ToList();

        await ChangeAsync(agent, secret, Certificates(_nextClients, _servers, _nextServers));
        await _world.Postgres.UseCertificateAsync(_nextServers.Issue().WithClientsOf(_nextClients), Cancellation);
        await _world.EndSessionsAsync();
        await client.CommitAsync(Put("afterwards"), Cancellation).WaitAsync(Patience, Cancellation);
        await over.CancelAsync();
        var acknowledged = (await Task.WhenAll(writers)).Sum();
        var state = await client.RecoverAsync(Cancellation);
        var status = await client.StatusAsync(Cancellation);

        Assert.True(agent.Process.IsRunning);
        Assert.True(state.Keys >= (ulong)acknowledged, $"{state.Keys} keys of {acknowledged} acknowledged commits");
        Assert.All(status.Backends, backend => Assert.True(backend.Healthy, backend.Message));
        Assert.Equal(state.Sequence, (await _world.ReadJournalAsync())[^1].Last);
    }

    [Fact]
    public async Task Client_certificate_that_the_servers_refuse_is_not_gone_over_to()
    {
        using var stranger = new TestAuthority();
        var (agent, secret) = await StartAsync();
        await using var _ = agent;
        using var __ = secret;
        await using var client = await agent.Endpoints.ConnectAsync();

        secret.Change(Certificates(stranger, _servers));
        await SaysAsync(agent, "cannot be used yet");
        await client.CommitAsync(Put("1"), Cancellation);

        // A connection may be reset before the refusal is read: another attempt reads it.
        foreach (var store in new[] { "postgres", "redis", "nats" })
            await SaysAsync(agent, $"spec.{store}.agentClientCertificateSecretRef");
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _redis.DisposeAsync();
        _folder.Dispose();
        foreach (var authority in new[] { _servers, _nextServers, _clients, _nextClients })
            authority.Dispose();
    }

    private static WorldCommit Put(string id) =>
        new WorldCommit { Durability = Durability.Replicated }.Put(new("k", id), new byte[] { 1 });

    private static async Task<int> WriteAsync(AetherWorld client, int writer, CancellationToken over)
    {
        var acknowledged = 0;
        while (!over.IsCancellationRequested)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{writer}-{acknowledged}");
            await client.CommitAsync(Put(id), Cancellation);
            acknowledged++;
        }

        return acknowledged;
    }

    private static async Task ChangeAsync(
        AgentProcess agent, MountedSecret secret, (string Name, string Value)[] changes)
    {
        var revision = Secrets.NewPassword()[..8];
        secret.Change([.. changes, (AetherVariables.CredentialsRevision, revision)]);
        await SaysAsync(agent, $"credentials {revision}");
    }

    private static Task<string> SaysAsync(AgentProcess agent, string text) => agent.Process.WaitForLineAsync(
        line => line.Contains(text, StringComparison.Ordinal), Patience, Cancellation);

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
