using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers.Certificates;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>Stores that let nobody in without a certificate of a CA of theirs.</summary>
public sealed class ClientCertificateTests(ClientCertificateServers servers)
    : IClassFixture<ClientCertificateServers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("postgres")]
    [InlineData("redis")]
    [InlineData("nats")]
    public async Task Store_that_asks_for_a_client_certificate_takes_one_of_its_CA(string store)
    {
        var settings = servers.Settings(servers.Clients.IssueClient(ClientCertificateServers.Role));
        await using var world = Open(store, settings, out var checkAsync);

        var status = await checkAsync(Cancellation);

        Assert.True(status.Healthy, status.Message);
    }

    [Theory]
    [InlineData("postgres", "client certificate")]
    [InlineData("redis", "none was presented")]
    [InlineData("nats", "none was presented")]
    public async Task Store_that_asks_for_a_client_certificate_is_said_to_where_there_is_none(
        string store, string complaint)
    {
        var status = await CheckAsync(store, client: null, complaint);

        AssertRefused(status, store, complaint);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("redis")]
    [InlineData("nats")]
    public async Task Client_certificate_of_another_CA_is_refused_and_named(string store)
    {
        const string complaint = "refuses the client certificate";
        using var other = new TestAuthority();

        var status = await CheckAsync(store, other.IssueClient(ClientCertificateServers.Role), complaint);

        AssertRefused(status, store, complaint);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("redis")]
    [InlineData("nats")]
    public async Task Expired_client_certificate_is_refused_and_named(string store)
    {
        const string complaint = "refuses the client certificate";
        var expired = servers.Clients.IssueExpiredClient(ClientCertificateServers.Role);

        var status = await CheckAsync(store, expired, complaint);

        AssertRefused(status, store, complaint);
    }

    [Fact]
    public async Task PostgreSQL_refuses_the_certificate_of_another_role()
    {
        const string complaint = "client certificate that is issued to another name";

        var status = await CheckAsync("postgres", servers.Clients.IssueClient("somebody"), complaint);

        AssertRefused(status, "postgres", complaint);
    }

    [Fact]
    public async Task PostgreSQL_admits_a_role_by_its_certificate_alone()
    {
        const string role = ClientCertificateServers.CertifiedRole;
        var settings = servers.Settings(servers.Clients.IssueClient(role), role);
        await using var world = new PostgresWorld(PostgresConnectionOptions.From(settings.GetValueOrDefault));

        var status = await new PostgresHealth(world).CheckAsync(Cancellation);

        Assert.True(status.Healthy, status.Message);
    }

    [Theory]
    [InlineData("certificate", AetherVariables.RedisClientCertificate, "no certificate")]
    [InlineData("key", AetherVariables.RedisClientKey, "no private key")]
    [InlineData("other key", AetherVariables.RedisClientKey, "is not the key")]
    [InlineData("no key", AetherVariables.RedisClientKey, "no private key")]
    public void Unusable_client_certificate_is_named_by_its_setting(string what, string name, string complaint)
    {
        var (own, other) = (servers.Clients.IssueClient("a"), servers.Clients.IssueClient("b"));
        var settings = servers.Settings(what switch
        {
            "certificate" => new ClientFiles("-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----", own.Key),
            "key" => new ClientFiles(own.Certificate, "-----BEGIN PRIVATE KEY-----\nQUFB\n-----END PRIVATE KEY-----"),
            "other key" => new ClientFiles(own.Certificate, other.Key),
            _ => new ClientFiles(own.Certificate, ""),
        });

        var exception = Assert.Throws<InvalidStoreSettingException>(
            () => RedisConnectionOptions.From(settings.GetValueOrDefault));

        Assert.Equal(name, exception.Name);
        Assert.Contains(complaint, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_with_a_client_certificate_are_printed_without_its_key()
    {
        var client = servers.Clients.IssueClient("a");
        var settings = servers.Settings(client);

        var texts = new object[]
        {
            PostgresConnectionOptions.From(settings.GetValueOrDefault),
            RedisConnectionOptions.From(settings.GetValueOrDefault),
            NatsConnectionOptions.From(settings.GetValueOrDefault),
            ClientCertificate.Parse(client.Certificate, client.Key),
        }.Select(options => options.ToString()!);

        Assert.All(texts, text => Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal));
    }

    private static void AssertRefused(BackendStatus status, string store, string complaint)
    {
        Assert.False(status.Healthy);
        Assert.Contains(complaint, status.Message, StringComparison.Ordinal);
        Assert.Contains($"spec.{store}.agentClientCertificateSecretRef", status.Message, StringComparison.Ordinal);
    }

    // Until it is reached, or says so: an attempt may be too early to know why there is no connection.
    private async Task<BackendStatus> CheckAsync(string store, ClientFiles? client, string complaint)
    {
        var settings = servers.Settings(client);
        await using var world = Open(store, settings, out var checkAsync);
        return await Outages.CheckUntilAsync(checkAsync, complaint, Cancellation);
    }

    private static IAsyncDisposable Open(
        string store,
        Dictionary<string, string> settings,
        out Func<CancellationToken, Task<BackendStatus>> checkAsync)
    {
        switch (store)
        {
            case "postgres":
                var postgres = new PostgresWorld(PostgresConnectionOptions.From(settings.GetValueOrDefault));
                checkAsync = new PostgresHealth(postgres).CheckAsync;
                return postgres;
            case "redis":
                var redis = new RedisWorld(
                    RedisConnectionOptions.From(settings.GetValueOrDefault), TimeProvider.System);
                checkAsync = new RedisHealth(redis).CheckAsync;
                return redis;
            default:
                var nats = new NatsWorld(NatsConnectionOptions.From(settings.GetValueOrDefault), TimeProvider.System);
                checkAsync = new NatsHealth(nats).CheckAsync;
                return nats;
        }
    }
}
