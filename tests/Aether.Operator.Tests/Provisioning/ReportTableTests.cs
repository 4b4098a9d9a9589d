using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.Persistence.Migrations;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>
/// The report table holds no state: a migration adds it to older schemas, and a lost table is recreated.
/// </summary>
public sealed class ReportTableTests(Servers servers) : IAsyncLifetime
{
    private readonly PostgresProvisioner _provisioner = StoreProvisioners.Postgres();
    private NpgsqlDataSource _admin = null!;
    private Requests _world = null!;

    private string Schema => Identifier(_world.Names.Schema);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var server = await servers.PostgresAsync();
        _admin = NpgsqlDataSource.Create(server.AdminConnectionString + ";Pooling=false");
        _world = new Requests { Postgres = Access(server) };
        await _provisioner.EnsureAsync(_world.Request(), Stop);
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    [Theory]
    [InlineData("DROP TABLE {schema}.agent_reports")]
    [InlineData("ALTER TABLE {schema}.agent_reports DROP COLUMN report")]
    [InlineData("ALTER TABLE {schema}.agent_reports DROP CONSTRAINT agent_reports_size")]
    public async Task Damaged_report_table_is_repaired_and_not_reported_as_a_loss(string damage)
    {
        await AdminAsync(damage.Replace("{schema}", Schema, StringComparison.Ordinal));

        var found = await _provisioner.InspectAsync(_world.Request(wasProvisioned: true), Stop);
        await _provisioner.EnsureAsync(_world.Request(wasProvisioned: true), Stop);

        Assert.Contains(found.Drifts, drift => drift.What.Contains("agent_reports", StringComparison.Ordinal));
        await ReportsAreTakenAsync();
    }

    [Fact]
    public async Task Older_schema_gets_the_report_table_and_the_worlds_rights_on_it()
    {
        await new WorldSchemaMigrator(_admin, NullLoggerFactory.Instance).MigrateDownAsync(
            _world.Names.Schema, 202611300021, Stop);

        await _provisioner.EnsureAsync(_world.Request(wasProvisioned: true), Stop);

        await ReportsAreTakenAsync();
    }

    private async Task ReportsAreTakenAsync()
    {
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(wasProvisioned: true), Stop)).Drifts);
        await using var own = PostgresAdmin.Open(
            _world.Postgres, _world.Names.Role, _world.Credentials.PostgresPassword);
        const string insert = "INSERT INTO agent_reports VALUES ('pod', now(), repeat('x', $1)::bytea)";
        await using var command = own.CreateCommand(insert);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = 4097 });
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Stop));
        Assert.Equal("agent_reports_size", refusal.ConstraintName);
        command.Parameters[0].Value = 4096;
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Stop));
        await own.CreateCommand("UPDATE agent_reports SET sent_at = now()").ExecuteNonQueryAsync(Stop);
        await own.CreateCommand("DELETE FROM agent_reports").ExecuteNonQueryAsync(Stop);
    }

    private async Task AdminAsync(string sql) => await _admin.CreateCommand(sql).ExecuteNonQueryAsync(Stop);

    private static PostgresAccess Access(PostgresServer server) => new()
    {
        Host = server.Host,
        Port = server.Port,
        Database = server.Database,
        SslMode = PostgresSslMode.Disable,
        Username = server.AdminUsername,
        Password = server.AdminPassword,
    };
}
