using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Aether.TestServers.Certificates;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>Which certificates a store accepts with the operator's settings.</summary>
/// <remarks>
/// Redis and NATS with a trusted authority are tested with the agent, because a process has only one trust store.
/// </remarks>
public sealed class TlsTests(TlsServers servers, ServerSet plain) : IClassFixture<TlsServers>
{
    // Appears only in the message about an untrusted certificate; other errors of clients also say "certificate".
    private const string TrustSetting = "SSL_CERT_FILE";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Prefer")]
    [InlineData("Require")]
    [InlineData("VerifyCA")]
    [InlineData("VerifyFull")]
    public async Task Postgres_is_reached_with_the_CA_of_its_certificate(string mode)
    {
        var status = await CheckPostgresAsync(servers.Postgres, mode, servers.Authority.Pem);

        Assert.True(status.Healthy, status.Message);
    }

    [Theory]
    [InlineData("VerifyCA")]
    [InlineData("VerifyFull")]
    public async Task Postgres_is_refused_with_another_CA(string mode)
    {
        using var other = new TestAuthority();

        var status = await CheckPostgresAsync(servers.Postgres, mode, other.Pem);

        AssertNotTrusted(status, AetherVariables.PostgresRootCertificate);
    }

    [Fact]
    public async Task PostgreSQL_is_refused_where_only_the_systems_CAs_could_vouch_for_it()
    {
        var status = await CheckPostgresAsync(servers.Postgres, "VerifyFull", authority: "");

        AssertNotTrusted(status, AetherVariables.PostgresRootCertificate);
    }

    [Theory]
    [InlineData("VerifyCA", true)]
    [InlineData("VerifyFull", false)]
    public async Task Certificate_of_another_host_is_refused_by_VerifyFull_alone(string mode, bool accepted)
    {
        var status = await CheckPostgresAsync(servers.PostgresElsewhere, mode, servers.Authority.Pem);

        Assert.Equal(accepted, status.Healthy);
        if (!accepted)
            AssertNotTrusted(status, AetherVariables.PostgresRootCertificate);
    }

    [Fact]
    public async Task Postgres_without_TLS_is_refused_where_TLS_is_asked_for()
    {
        var status = await CheckPostgresAsync(plain.Postgres, "Require", authority: "");

        Assert.False(status.Healthy);
        Assert.Contains("SSL", status.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----")]
    public void An_invalid_CA_file_is_named_by_its_setting(string authority)
    {
        var settings = Settings(servers.Postgres, "VerifyFull", authority);

        var exception = Assert.Throws<InvalidStoreSettingException>(
            () => PostgresConnectionOptions.From(settings.GetValueOrDefault));

        Assert.Equal(AetherVariables.PostgresRootCertificate, exception.Name);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("nats")]
    public async Task Store_is_refused_where_the_systems_CAs_do_not_vouch_for_it(string store)
    {
        await using var world = WorldStore.Of(store, servers.Settings(authority: ""));

        var status = await Outages.CheckUntilAsync(world.CheckAsync, TrustSetting, Cancellation);

        AssertNotTrusted(status, TrustSetting);
        Assert.DoesNotContain("password", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_after_an_outage_is_refused_with_the_current_cause()
    {
        await using var proxy = new CuttingProxy(servers.Redis.Port);
        await using var world = new RedisWorld(RedisThrough(proxy), TimeProvider.System);

        await AssertCauseIsNamedAfterOutageAsync(proxy, new RedisHealth(world).CheckAsync);
    }

    [Fact]
    public async Task NATS_after_an_outage_is_refused_with_the_current_cause()
    {
        await using var proxy = new CuttingProxy(servers.Nats.Port);
        await using var world = new NatsWorld(NatsThrough(proxy), TimeProvider.System);

        await AssertCauseIsNamedAfterOutageAsync(proxy, new NatsHealth(world).CheckAsync);
    }

    private static async Task AssertCauseIsNamedAfterOutageAsync(
        CuttingProxy proxy, Func<CancellationToken, Task<BackendStatus>> checkAsync)
    {
        proxy.Cut();
        var unreachable = await checkAsync(Cancellation);
        proxy.Mend();

        var status = await Outages.CheckUntilAsync(checkAsync, TrustSetting, Cancellation);

        Assert.DoesNotContain(TrustSetting, unreachable.Message, StringComparison.Ordinal);
        AssertNotTrusted(status, TrustSetting);
    }

    private static void AssertNotTrusted(BackendStatus status, string nextStep)
    {
        Assert.False(status.Healthy);
        Assert.Contains("certificate", status.Message, StringComparison.Ordinal);
        Assert.Contains(nextStep, status.Message, StringComparison.Ordinal);
    }

    private async Task<BackendStatus> CheckPostgresAsync(PostgresServer server, string mode, string authority)
    {
        var settings = Settings(server, mode, authority);
        await using var world = new PostgresWorld(PostgresConnectionOptions.From(settings.GetValueOrDefault));
        return await new PostgresHealth(world).CheckAsync(Cancellation);
    }

    private RedisConnectionOptions RedisThrough(CuttingProxy proxy) => RedisConnectionOptions.From(
        servers.Settings(authority: "").GetValueOrDefault) with
    {
        Endpoint = $"127.0.0.1:{proxy.Port}",
    };

    private NatsConnectionOptions NatsThrough(CuttingProxy proxy) => NatsConnectionOptions.From(
        servers.Settings(authority: "").GetValueOrDefault) with
    {
        Url = $"tls://127.0.0.1:{proxy.Port}",
        RequestTimeout = Outages.Impatience,
    };

    private Dictionary<string, string> Settings(PostgresServer server, string mode, string authority)
    {
        var settings = servers.Settings(authority, server);
        settings[AetherVariables.PostgresSslMode] = mode;
        return settings;
    }
}
