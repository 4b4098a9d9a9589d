using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers.Certificates;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>Stores that require a client certificate of their CA.</summary>
public sealed class ClientCertificateTests(ClientCertificateServers servers)
    : IClassFixture<ClientCertificateServers>
{
    private const int Attempts = 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ClientCertificateServers.Stores), MemberType = typeof(ClientCertificateServers))]
    public async Task Store_that_asks_for_a_client_certificate_accepts_a_certificate_of_its_CA(string store)
    {
        await using var world = Open(store, servers.Clients.IssueClient(ClientCertificateServers.Role));

        var status = await world.CheckAsync(Cancellation);

        Assert.True(status.Healthy, status.Message);
    }

    [Theory]
    [MemberData(nameof(ClientCertificateServers.Stores), MemberType = typeof(ClientCertificateServers))]
    public Task Error_without_a_client_certificate_says_that_the_store_asks_for_one(string store) =>
        AssertRefusedAsync(store, client: null, IsPostgres(store) ? "client certificate" : "none was presented");

    [Theory]
    [MemberData(nameof(ClientCertificateServers.Stores), MemberType = typeof(ClientCertificateServers))]
    public async Task Client_certificate_of_another_CA_is_refused_and_named(string store)
    {
        using var other = new TestAuthority();

        await AssertRefusedAsync(
            store, other.IssueClient(ClientCertificateServers.Role), "refuses the client certificate");
    }

    [Theory]
    [MemberData(nameof(ClientCertificateServers.Stores), MemberType = typeof(ClientCertificateServers))]
    public Task Expired_client_certificate_is_refused_and_named(string store) => AssertRefusedAsync(
        store,
        servers.Clients.IssueExpiredClient(ClientCertificateServers.Role),
        "refuses the client certificate");

    // The client may lose the server's alert and then sees a connection reset.
    [Theory]
    [MemberData(nameof(ClientCertificateServers.Stores), MemberType = typeof(ClientCertificateServers))]
    public async Task Refused_client_certificate_is_named_by_the_first_failure(string store)
    {
        var expired = servers.Clients.IssueExpiredClient(ClientCertificateServers.Role);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            await using var world = Open(store, expired);

            AssertRefused(await world.CheckAsync(Cancellation), store, "refuses the client certificate");
        }
    }

    [Fact]
    public Task PostgreSQL_refuses_the_certificate_of_another_role() => AssertRefusedAsync(
        "postgres",
        servers.Clients.IssueClient("stranger"),
        "client certificate that was issued to another name");

    [Fact]
    public async Task PostgreSQL_admits_a_role_by_its_certificate_alone()
    {
        const string role = ClientCertificateServers.CertifiedRole;
        await using var world = Open("postgres", servers.Clients.IssueClient(role), role);

        var status = await world.CheckAsync(Cancellation);

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
        var settings = servers.Settings("redis", what switch
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
        var settings = servers.Settings("postgres", client);

        var texts = new object[]
        {
            PostgresConnectionOptions.From(settings.GetValueOrDefault),
            RedisConnectionOptions.From(settings.GetValueOrDefault),
            NatsConnectionOptions.From(settings.GetValueOrDefault),
            ClientCertificate.Parse(client.Certificate, client.Key),
        }.Select(options => options.ToString()!);

        Assert.All(texts, text => Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal));
    }

    private static bool IsPostgres(string store) => store.StartsWith("postgres", StringComparison.Ordinal);

    private static void AssertRefused(BackendStatus status, string store, string complaint)
    {
        Assert.False(status.Healthy);
        Assert.Contains(complaint, status.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"spec.{store.Split(' ')[0]}.agentClientCertificateSecretRef", status.Message, StringComparison.Ordinal);
    }

    // Repeats until the message appears: on a busy machine an attempt may time out first.
    private async Task AssertRefusedAsync(string store, ClientFiles? client, string complaint)
    {
        await using var world = Open(store, client);
        AssertRefused(await Outages.CheckUntilAsync(world.CheckAsync, complaint, Cancellation), store, complaint);
    }

    private WorldStore Open(string store, ClientFiles? client, string role = ClientCertificateServers.Role) =>
        WorldStore.Of(store, servers.Settings(store, client, role));
}
