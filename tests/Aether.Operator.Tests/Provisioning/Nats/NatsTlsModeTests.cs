using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using Aether.TestServers.Processes;

namespace Aether.Operator.Tests.Provisioning.Nats;

/// <summary>Less common TLS settings of nats-server.</summary>
public sealed class NatsTlsModeTests : IDisposable
{
    private const string Files = """cert_file: "serving.crt", key_file: "serving.key" """;

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _clients = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _clients.Dispose();
    }

    [Fact]
    public async Task Server_that_starts_with_TLS_is_distinguished_from_an_unavailable_one()
    {
        await using var first = new RedisServer(_authority.Issue());
        await first.StartAsync(Stop);

        var begins = await FailAsync(Access($"tls://{first.Endpoint}"));
        var unreachable = await FailAsync(Access("tls://127.0.0.1:1"));

        AssertHandshakeFirst(begins);
        Assert.Equal(StoreReason.Unreachable, unreachable.Reason);
        Assert.DoesNotContain("handshake_first", unreachable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_first_of_nats_server_is_named_and_auto_is_served()
    {
        await using var only = Server("handshake_first: true");
        await using var auto = Server("handshake_first: auto");
        try
        {
            await only.StartAsync(Stop);
        }
        catch (ProcessExitedException refused)
        {
            // nats-server before 2.10 does not have this setting.
            Assert.Contains("handshake_first", refused.Message, StringComparison.Ordinal);
            return;
        }

        await auto.StartAsync(Stop);

        AssertHandshakeFirst(await FailAsync(Access(only.Url)));
        await CheckAsync(Access(auto.Url));
    }

    [Fact]
    public async Task With_verify_and_map_the_user_comes_from_the_certificate_and_not_from_the_credentials()
    {
        await using var server = new NatsServer(
            $$"""
            jetstream { max_memory_store: 64MB, max_file_store: 64MB }
            authorization { users: [ { user: "CN=mapped", password: a } ] }
            tls { {{Files}}, ca_file: "clients.crt", verify_and_map: true }

            """,
            _authority.Issue().WithClientsOf(_clients));
        await server.StartAsync(Stop);

        await CheckAsync(Access(server.Url, _clients.IssueClient("mapped"), "nobody"));
        var refused = await FailAsync(Access(server.Url, _clients.IssueClient("unknown"), "CN=mapped"));

        Assert.Equal(StoreReason.AuthenticationFailed, refused.Reason);
        Assert.Contains("verify_and_map", refused.Message, StringComparison.Ordinal);
        Assert.Contains("spec.nats.clientCertificateSecretRef", refused.Message, StringComparison.Ordinal);
    }

    private static void AssertHandshakeFirst(ProvisioningException failure)
    {
        Assert.Equal(StoreReason.Unreachable, failure.Reason);
        Assert.Contains("handshake_first: true", failure.Message, StringComparison.Ordinal);
        Assert.Contains("handshake_first: auto", failure.Message, StringComparison.Ordinal);
    }

    private static Task<ProvisioningException> FailAsync(NatsAccess access) =>
        Assert.ThrowsAsync<ProvisioningException>(() => CheckAsync(access));

    private static Task CheckAsync(NatsAccess access) =>
        NatsProvisioner.CheckAsync(StoreProvisioners.NatsConnections, access, Stop);

    private NatsServer Server(string mode) => new(
        $$"""
        jetstream { max_memory_store: 64MB, max_file_store: 64MB }
        authorization { user: a, password: a }
        tls { {{Files}}, {{mode}} }

        """,
        _authority.Issue());

    private NatsAccess Access(string url, ClientFiles? client = null, string user = "a") => new()
    {
        Urls = [url],
        Username = user,
        Password = "a",
        CredentialsFile = null,
        SigningSeed = null,
        AccountPublicKey = null,
        Certificates = new StoreCertificates
        {
            Authorities = _authority.Pem,
            Operator = client is null ? null : ClientCertificate.Parse(client.Certificate, client.Key),
        },
    };
}
