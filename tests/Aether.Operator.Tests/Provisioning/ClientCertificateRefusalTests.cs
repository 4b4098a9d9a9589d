using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using Aether.TestServers.Certificates;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>The operator's messages if a store refuses its client certificate.</summary>
public sealed class ClientCertificateRefusalTests : IAsyncLifetime
{
    private readonly CertifiedServers _servers = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _servers.StartAsync();

    public ValueTask DisposeAsync() => _servers.DisposeAsync();

    [Fact]
    public async Task Stores_with_a_private_CA_are_reached_with_a_certificate_of_their_clients_CA()
    {
        var backend = Backend(_servers.Clients.IssueClient(CertifiedServers.OperatorName));

        foreach (var provisioner in Provisioners())
            await provisioner.CheckAsync(backend, Stop);
    }

    [Fact]
    public async Task Store_that_requires_a_certificate_is_named_if_none_is_configured()
    {
        foreach (var provisioner in Provisioners())
        {
            var failure = await FailAsync(provisioner, Backend(null));

            var isPostgres = provisioner.Store == StoreName.Postgres;
            Assert.Equal(
                isPostgres ? StoreReason.AuthenticationFailed : StoreReason.ClientCertificateRefused,
                failure.Reason);
            AssertNamed(provisioner, failure);
            if (!isPostgres)
                Assert.Contains("none was presented", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Certificate_of_a_CA_that_the_store_does_not_trust_is_refused_and_named()
    {
        using var stranger = new TestAuthority();

        await AssertRefusedAsync(stranger.IssueClient(CertifiedServers.OperatorName));
    }

    [Fact]
    public Task Certificate_that_has_expired_by_the_stores_clock_is_refused_and_named() =>
        AssertRefusedAsync(_servers.Clients.IssueExpiredClient(CertifiedServers.OperatorName));

    [Fact]
    public async Task PostgreSQL_refuses_the_operator_with_a_certificate_for_another_user()
    {
        var provisioner = StoreProvisioners.Postgres();

        var failure = await FailAsync(provisioner, Backend(_servers.Clients.IssueClient("somebody")));

        Assert.Equal(StoreReason.AuthenticationFailed, failure.Reason);
        AssertNamed(provisioner, failure);
    }

    [Fact]
    public void Changed_certificates_are_tried_at_once()
    {
        var (one, other) = (_servers.Clients.IssueClient("one"), _servers.Clients.IssueClient("one"));

        foreach (var provisioner in Provisioners())
        {
            Assert.Equal(provisioner.PlaceOf(Backend(one)), provisioner.PlaceOf(Backend(one)));
            Assert.NotEqual(provisioner.PlaceOf(Backend(one)), provisioner.PlaceOf(Backend(other)));
            Assert.NotEqual(provisioner.PlaceOf(Backend(one)), provisioner.PlaceOf(Backend(null)));
        }
    }

    private static IStoreProvisioner[] Provisioners() =>
    [
        StoreProvisioners.Postgres(),
        StoreProvisioners.Redis(),
        StoreProvisioners.Nats(),
    ];

    private async Task AssertRefusedAsync(ClientFiles client)
    {
        foreach (var provisioner in Provisioners())
        {
            var failure = await FailAsync(provisioner, Backend(client));

            Assert.Equal(StoreReason.ClientCertificateRefused, failure.Reason);
            Assert.Contains("refuses the client certificate", failure.Message, StringComparison.Ordinal);
            AssertNamed(provisioner, failure);
        }
    }

    private static Task<ProvisioningException> FailAsync(IStoreProvisioner provisioner, BackendAccess backend) =>
        Assert.ThrowsAsync<ProvisioningException>(() => provisioner.CheckAsync(backend, Stop));

    private static void AssertNamed(IStoreProvisioner provisioner, ProvisioningException failure)
    {
        var path = provisioner.Store == StoreName.Postgres ? "postgres"
            : provisioner.Store == StoreName.Redis ? "redis" : "nats";
        Assert.Contains($"spec.{path}.clientCertificateSecretRef", failure.Message, StringComparison.Ordinal);
    }

    private BackendAccess Backend(ClientFiles? client)
    {
        var certificates = new StoreCertificates
        {
            Authorities = _servers.Authority,
            Operator = client is null ? null : ClientCertificate.Parse(client.Certificate, client.Key),
        };
        return new BackendAccess
        {
            Postgres = new PostgresAccess
            {
                Host = _servers.Postgres.Host,
                Port = _servers.Postgres.Port,
                Database = _servers.Postgres.Database,
                SslMode = PostgresSslMode.VerifyFull,
                Username = CertifiedServers.OperatorName,
                Password = _servers.Postgres.AdminPassword,
                Certificates = certificates,
            },
            Redis = new RedisAccess
            {
                Endpoint = _servers.Redis.Endpoint,
                Tls = true,
                Username = _servers.Redis.AdminUsername,
                Password = _servers.Redis.AdminPassword,
                Certificates = certificates,
            },
            Nats = new NatsAccess
            {
                Urls = [_servers.Nats.Url],
                Username = _servers.Nats.AdminUsername,
                Password = _servers.Nats.AdminPassword,
                CredentialsFile = null,
                SigningSeed = null,
                AccountPublicKey = null,
                Certificates = certificates,
            },
        };
    }
}
