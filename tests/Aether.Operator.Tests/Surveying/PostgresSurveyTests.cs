using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Tests.Provisioning;
using Aether.TestServers;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Tests.Surveying;

/// <summary>
/// A survey of PostgreSQL sees every kind of drift that an inspection of a single world sees. The cases are those of
/// the provisioner's tests.
/// </summary>
public sealed class PostgresSurveyTests : IAsyncLifetime
{
    private readonly PostgresConnections _connections = new(TimeProvider.System);
    private readonly PostgresProvisioner _provisioner;
    private readonly PostgresProvisioner _surveyor = StoreProvisioners.Postgres();
    private readonly Servers _servers;
    private PostgresServer _server = null!;
    private Requests _world = null!;

    public PostgresSurveyTests(Servers servers)
    {
        _servers = servers;
        _provisioner = StoreProvisioners.Postgres(_connections);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await _servers.PostgresAsync();
        _world = new Requests { Postgres = Access(_server) };
    }

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    [Fact]
    public async Task Survey_of_an_unchanged_world_is_the_same_whatever_happens_to_others()
    {
        var before = await MadeAsync();

        await _surveyor.InspectAsync(_world.Request(), Stop);
        await _surveyor.EnsureAsync(new Requests { Postgres = Access(_server) }.Request(), Stop);

        Assert.NotNull(before);
        Assert.Equal(before, await _surveyor.SurveyAsync(_world));
    }

    [Theory]
    [MemberData(nameof(PostgresProvisionerTests.Drifts), MemberType = typeof(PostgresProvisionerTests))]
    [MemberData(nameof(PostgresProvisionerTests.Losses), MemberType = typeof(PostgresProvisionerTests))]
    public async Task Survey_sees_drift(string damage, string named)
    {
        var before = await MadeAsync();

        await RunAsync(damage);

        Assert.True(before != await _surveyor.SurveyAsync(_world), named);
    }

    [Theory]
    [InlineData("DROP SCHEMA {schema} CASCADE")]
    [InlineData("COMMENT ON SCHEMA {schema} IS 'other'")]
    [InlineData("COMMENT ON ROLE {role} IS NULL")]
    [InlineData("ALTER TABLE {schema}.world OWNER TO pg_read_all_data")]
    [InlineData("ALTER ROLE {role} SET search_path = public")]
    [InlineData("GRANT TEMPORARY ON DATABASE postgres TO {role}")]
    [InlineData("CREATE TABLE {schema}.of_a_user (id int)")]
    public async Task Survey_sees_other_changes_of_the_catalogue(string damage)
    {
        var before = await MadeAsync();

        await RunAsync(damage);

        Assert.NotEqual(before, await _surveyor.SurveyAsync(_world));
    }

    [Theory]
    [InlineData("DELETE FROM {schema}.schema_versions WHERE version > 202611300000")]
    [InlineData("INSERT INTO {schema}.diverged_tails "
        + "(volume_id, epoch, first_sequence, last_sequence, folder, overtaken_by, found_at) "
        + "VALUES (gen_random_uuid(), 1, 1, 2, 'f', 'p', now())")]
    public async Task Survey_sees_rows_that_an_inspection_reads(string change)
    {
        var before = await MadeAsync();

        await RunAsync(change);

        // PostgreSQL publishes the counts of a session when it ends.
        await Eventually.IsTrueAsync(async () => await _surveyor.SurveyAsync(_world) != before, Stop);
    }

    [Fact]
    public async Task Partitions_that_come_and_go_are_no_change()
    {
        var before = await MadeAsync();

        await RunAsync("SELECT {schema}.make_journal_partitions(5000000)");

        Assert.Equal(before, await _surveyor.SurveyAsync(_world));
    }

    [Fact]
    public async Task Survey_does_not_wait_for_a_lock_on_the_tables_of_a_world()
    {
        var before = await MadeAsync();
        await using var admin = NpgsqlDataSource.Create(_server.AdminConnectionString + ";Pooling=false");
        await using var connection = await admin.OpenConnectionAsync(Stop);
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        await using var locking = new NpgsqlCommand(
            $"LOCK TABLE {Identifier(_world.Names.Schema)}.diverged_tails, "
            + $"{Identifier(_world.Names.Schema)}.schema_versions IN ACCESS EXCLUSIVE MODE",
            connection);
        await locking.ExecuteNonQueryAsync(Stop);

        Assert.Equal(before, await _surveyor.SurveyAsync(_world));
    }

    [Fact]
    public async Task Server_that_lost_its_counters_in_a_crash_is_seen()
    {
        await using var server = new PostgresServer();
        await server.StartAsync(Stop);
        var world = new Requests { Postgres = Access(server) };
        await _surveyor.EnsureAsync(world.Request(), Stop);

        // Twice, so that all counters are 0 both times.
        await CrashAsync();
        var before = await _surveyor.SurveyAsync(world);
        await CrashAsync();

        Assert.NotNull(before);
        Assert.NotEqual(before, await _surveyor.SurveyAsync(world));

        async Task CrashAsync()
        {
            await server.KillAsync();
            await server.StartAsync(Stop);
        }
    }

    [Fact]
    public async Task Server_that_does_not_count_changed_rows_is_not_vouched_for()
    {
        await using var server = new PostgresServer(new PostgresServerOptions
        {
            Settings = new Dictionary<string, string> { ["track_counts"] = "off" },
        });
        await server.StartAsync(Stop);

        var failure = await Assert.ThrowsAsync<ProvisioningException>(
            () => _surveyor.SurveyAsync(new Requests { Postgres = Access(server) }));

        Assert.Contains("Set track_counts to on", failure.Message, StringComparison.Ordinal);
    }

    private async Task<string?> MadeAsync()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        // PostgreSQL publishes a session's counts up to seconds later, or when the session ends.
        await _connections.DisposeAsync();
        var versions = Literal($"{Identifier(_world.Names.Schema)}.schema_versions");
        await Eventually.IsTrueAsync(
            async () => await RunAsync(
                $"SELECT pg_stat_get_tuples_inserted({versions}::regclass) = count(*) FROM {{schema}}.schema_versions")
                is true,
            Stop);
        return await _surveyor.SurveyAsync(_world);
    }

    private async Task<object?> RunAsync(string sql)
    {
        await using var admin = NpgsqlDataSource.Create(_server.AdminConnectionString + ";Pooling=false");
        return await admin.CreateCommand(sql
            .Replace("{schema}", Identifier(_world.Names.Schema), StringComparison.Ordinal)
            .Replace("{role}", Identifier(_world.Names.Role), StringComparison.Ordinal)
            .Replace("{mark}", Literal(OwnerMark.Of(_world.Request().Owner).ToString()), StringComparison.Ordinal))
            .ExecuteScalarAsync(Stop);
    }

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
