using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Redis;
using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;
using Aether.TestServers;
using Aether.TestServers.Certificates;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>
/// Two real servers and three sentinels of a private CA, which require a certificate from each client and from each
/// other.
/// </summary>
[Trait("Field", "F04")]
public sealed class RedisSentinelTlsTests : IAsyncLifetime
{
    private const string Password = "of-the-sentinels";

    private readonly TestAuthority _servers = new();
    private readonly TestAuthority _clients = new();
    private readonly TestAuthority _ofSentinelsOnly = new();
    private readonly RedisProvisioner _provisioner = StoreProvisioners.Redis();
    private readonly RedisSentinelSet _set;

    public RedisSentinelTlsTests() => _set = new RedisSentinelSet(
        Password, _servers.IssuePeer(_clients), _servers.IssuePeer(_clients, _ofSentinelsOnly));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _set.StartAsync(Stop);

    public async ValueTask DisposeAsync()
    {
        await _set.DisposeAsync();
        foreach (var authority in new[] { _servers, _clients, _ofSentinelsOnly })
            authority.Dispose();
    }

    [Fact]
    public async Task Worlds_user_is_on_the_new_primary_when_a_failover_with_TLS_is_done()
    {
        var world = World(_clients.IssueClient("operator"));
        await _provisioner.EnsureAsync(world.Request(), Stop);

        await _set.First.KillAsync();
        await _set.FailedOverAsync(Stop);

        Assert.Contains(
            world.Names.RedisUser, await _set.Second.ExecuteAsync(Stop, "ACL", "USERS"), StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task Sentinels_that_refuse_the_client_certificate_are_named()
    {
        using var stranger = new TestAuthority();

        foreach (var client in new[]
        {
            null, stranger.IssueClient("operator"), _clients.IssueExpiredClient("operator"),
        })
        {
            var failure = await FailAsync(World(client));
            Assert.Equal(StoreReason.ClientCertificateRefused, failure.Reason);
            Assert.StartsWith("The Redis sentinel at 127.0.0.1:", failure.Message, StringComparison.Ordinal);
            Assert.Contains("spec.redis.clientCertificateSecretRef", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Primary_that_refuses_the_client_certificate_is_named()
    {
        var failure = await FailAsync(World(_ofSentinelsOnly.IssueClient("operator")));

        Assert.Equal(StoreReason.ClientCertificateRefused, failure.Reason);
        Assert.StartsWith("Redis at primary 'worlds' of sentinels", failure.Message, StringComparison.Ordinal);
        Assert.Contains("spec.redis.clientCertificateSecretRef", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "put that CA as PEM")]
    [InlineData(true, "must be the one that issued")]
    public async Task Sentinels_without_a_trusted_certificate_are_refused(bool hasAuthority, string remedy)
    {
        using var other = new TestAuthority();

        var failure = await FailAsync(World(_clients.IssueClient("operator"), hasAuthority ? other.Pem : null));

        Assert.Equal(StoreReason.Unreachable, failure.Reason);
        Assert.StartsWith("The Redis sentinel at 127.0.0.1:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("spec.redis.caSecretRef", failure.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", failure.Message, StringComparison.Ordinal);
    }

    private Task<ProvisioningException> FailAsync(Requests world) =>
        Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.CheckAsync(world.Request().Backend, Stop));

    private Requests World(ClientFiles? client) => World(client, _servers.Pem);

    private Requests World(ClientFiles? client, string? authority)
    {
        var sentinel = new SentinelOptions
        {
            MasterName = RedisSentinelSet.MasterName,
            Hosts = _set.Hosts,
            Password = Password,
            Patience = TestServer.ClientPatience,
        };
        return new Requests
        {
            Redis = new RedisAccess
            {
                Endpoint = sentinel.Place,
                Sentinel = sentinel,
                Tls = true,
                Username = _set.First.AdminUsername,
                Password = _set.First.AdminPassword,
                Certificates = new StoreCertificates
                {
                    Authorities = authority,
                    Operator = client is null ? null : ClientCertificate.Parse(client.Certificate, client.Key),
                },
            },
        };
    }
}
