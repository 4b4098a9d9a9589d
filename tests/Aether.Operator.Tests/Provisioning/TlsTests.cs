using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.TestServers;
using Aether.TestServers.Certificates;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>Stores with TLS and certificates of an authority that this machine does not know.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();
    private readonly PostgresProvisioner _postgresProvisioner = StoreProvisioners.Postgres();
    private readonly PostgresServer _postgres;
    private readonly RedisServer _redis;
    private readonly NatsServer _nats;

    public TlsTests()
    {
        _postgres = new PostgresServer(new PostgresServerOptions { Certificate = _authority.Issue() });
        _redis = new RedisServer(_authority.Issue());
        _nats = new NatsServer(configuration: null, _authority.Issue());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        await Task.WhenAll(_postgres.StartAsync(Stop), _redis.StartAsync(Stop), _nats.StartAsync(Stop));

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _redis.DisposeAsync();
        await _nats.DisposeAsync();
        _authority.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("Require")]
    [InlineData("VerifyCA")]
    [InlineData("VerifyFull")]
    public Task PostgreSQL_is_reached_with_the_CA_of_the_backend(string mode) =>
        _postgresProvisioner.CheckAsync(Backend(mode, _authority.Pem), Stop);

    [Theory]
    [InlineData("VerifyCA")]
    [InlineData("VerifyFull")]
    public Task PostgreSQL_is_not_trusted_with_another_CA(string mode) =>
        NotTrustedAsync(_postgresProvisioner, Backend(mode, _other.Pem));

    [Fact]
    [Trait("Field", "F05")]
    public async Task Bundle_with_two_CAs_survives_a_change_of_the_servers_certificate()
    {
        var both = Backend(authority: $"{_other.Pem}\n{_authority.Pem}");
        await _postgresProvisioner.CheckAsync(both, Stop);

        await _postgres.UseCertificateAsync(_other.Issue(), Stop);

        await _postgresProvisioner.CheckAsync(both, Stop);
        await _postgresProvisioner.CheckAsync(Backend(authority: _other.Pem), Stop);
        await NotTrustedAsync(_postgresProvisioner, Backend(authority: _authority.Pem));
    }

    [Fact]
    public Task Redis_is_not_trusted_without_a_CA_known_to_the_system() =>
        NotTrustedAsync(StoreProvisioners.Redis(), Backend());

    [Fact]
    public Task NATS_is_not_trusted_without_a_CA_known_to_the_system() =>
        NotTrustedAsync(StoreProvisioners.Nats(), Backend());

    // The user is right, so the message must not send the reader to look for a wrong password.
    private static async Task NotTrustedAsync(IStoreProvisioner provisioner, BackendAccess backend)
    {
        var failure = await Assert.ThrowsAsync<ProvisioningException>(() => provisioner.CheckAsync(backend, Stop));

        Assert.Equal(StoreReason.Unreachable, failure.Reason);
        Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", failure.Message, StringComparison.Ordinal);
    }

    private BackendAccess Backend(string mode = nameof(PostgresSslMode.VerifyFull), string? authority = null) =>
        new()
        {
            Postgres = new PostgresAccess
            {
                Host = _postgres.Host,
                Port = _postgres.Port,
                Database = _postgres.Database,
                SslMode = Enum.Parse<PostgresSslMode>(mode),
                Certificates = new StoreCertificates { Authorities = authority },
                Username = _postgres.AdminUsername,
                Password = _postgres.AdminPassword,
            },
            Redis = new RedisAccess
            {
                Endpoint = _redis.Endpoint,
                Tls = true,
                Username = _redis.AdminUsername,
                Password = _redis.AdminPassword,
            },
            Nats = new NatsAccess
            {
                Urls = [_nats.Url],
                Username = _nats.AdminUsername,
                Password = _nats.AdminPassword,
                CredentialsFile = null,
                SigningSeed = null,
                AccountPublicKey = null,
            },
        };
}
