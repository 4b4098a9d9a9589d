using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.TestServers;
using Npgsql;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>A PostgreSQL with several servers.</summary>
[Trait("Field", "F06")]
public sealed class PostgresHostsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task World_is_provisioned_on_the_primary_of_several_hosts_and_reports_its_standbys()
    {
        await using var primary = new PostgresServer();
        await primary.StartAsync(Stop);
        await using var standby = new PostgresServer(new PostgresServerOptions { StandbyOf = primary });
        await standby.StartAsync(Stop);
        var provisioner = StoreProvisioners.Postgres();
        var world = new Requests
        {
            Postgres = new PostgresAccess
            {
                Host = standby.Host,
                Port = standby.Port,
                Hosts = $"{standby.Host}:{standby.Port},{primary.Host}:{primary.Port}",
                Database = primary.Database,
                SslMode = PostgresSslMode.Disable,
                Username = primary.AdminUsername,
                Password = primary.AdminPassword,
            },
        };

        await provisioner.EnsureAsync(world.Request(), Stop);

        var alone = await provisioner.InspectAsync(world.Request(), Stop);
        await WaitForStandbyAsync(primary);
        var replicated = await provisioner.InspectAsync(world.Request(), Stop);

        Assert.Empty(alone.Drifts);
        Assert.Contains("synchronous_standby_names is empty", alone.Message, StringComparison.Ordinal);
        Assert.Contains("wait for synchronous_standby_names = '*'", replicated.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 0, "either host or hosts")]
    [InlineData("db", 1, "either host or hosts")]
    [InlineData(null, 17, "out of range")]
    public void A_backend_names_one_host_or_several(string? host, int hosts, string complaint)
    {
        var spec = Reconciling.Backends.On("b", new PostgresServer(), new RedisServer(), new NatsServer()).Spec;
        spec.Postgres.Host = host;
        spec.Postgres.Hosts = hosts == 0
            ? null
            : [.. Enumerable.Range(0, hosts).Select(i => new PostgresHost { Host = $"db-{i}" })];

        var errors = PersistenceBackendValidator.Validate(spec);

        Assert.Contains(errors, error => error.Contains(complaint, StringComparison.Ordinal));
    }

    private static async Task WaitForStandbyAsync(PostgresServer primary)
    {
        await using var admin = NpgsqlDataSource.Create(primary.AdminConnectionString);
        foreach (var sql in (string[])["ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"])
        {
            await using var command = admin.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(Stop);
        }

        await using var names = admin.CreateCommand("SHOW synchronous_standby_names");
        while (await names.ExecuteScalarAsync(Stop) is not "*")
            Stop.ThrowIfCancellationRequested();
    }
}
