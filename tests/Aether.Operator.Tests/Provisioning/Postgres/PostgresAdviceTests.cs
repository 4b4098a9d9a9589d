using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.TestServers;

namespace Aether.Operator.Tests.Provisioning.Postgres;

/// <summary>The operator's messages if PostgreSQL refuses it although its password is right.</summary>
public sealed class PostgresAdviceTests(PrivateCaServer server, Servers servers) : IClassFixture<PrivateCaServer>
{
    private readonly PostgresProvisioner _provisioner = StoreProvisioners.Postgres();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact, Trait("Field", "F34")]
    public async Task Missing_private_CA_is_reported_with_its_field()
    {
        var missing = await FailureAsync(Access(server.Postgres, PostgresSslMode.VerifyFull));

        Assert.Equal(StoreReason.Unreachable, missing.Reason);
        Assert.Contains("private CA", missing.Message, StringComparison.Ordinal);
        Assert.Contains("ca.crt", missing.Message, StringComparison.Ordinal);
        Assert.Contains("spec.postgres.caSecretRef", missing.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Field", "F26")]
    public async Task A_server_without_TLS_is_distinguished_from_an_unavailable_one()
    {
        var failure = await FailureAsync(Access(await servers.PostgresAsync(), PostgresSslMode.Require));

        Assert.Contains("does not speak TLS", failure.Message, StringComparison.Ordinal);
        Assert.Contains("spec.postgres.sslMode Require", failure.Message, StringComparison.Ordinal);
    }

    [Theory, Trait("Field", "F26")]
    [InlineData(
        "hostssl all tested all scram-sha-256", "Disable", "spec.postgres.sslMode, which is Disable, to Require")]
    [InlineData(
        "hostssl all tested all scram-sha-256 clientcert=verify-ca", "Require", "client certificate (clientcert")]
    [InlineData("hostssl all tested all cert", "Require", "client certificate (clientcert")]
    public async Task Requirement_of_pg_hba_is_named_instead_of_a_wrong_password(
        string rule, string mode, string words)
    {
        await server.AdmitAsync(rule);

        var failure = await FailureAsync(
            Access(server.Postgres, Enum.Parse<PostgresSslMode>(mode), PrivateCaServer.User));

        Assert.Equal(StoreReason.AuthenticationFailed, failure.Reason);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Contains("The password is not the cause", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("adminSecretRef", failure.Message, StringComparison.Ordinal);
    }

    private Task<ProvisioningException> FailureAsync(PostgresAccess access) =>
        Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.CheckAsync(
            new Requests { Postgres = access }.Request().Backend, Stop));

    private static PostgresAccess Access(PostgresServer postgres, PostgresSslMode mode, string? user = null) => new()
    {
        Host = postgres.Host,
        Port = postgres.Port,
        Database = postgres.Database,
        SslMode = mode,
        Username = user ?? postgres.AdminUsername,
        Password = postgres.AdminPassword,
    };
}
