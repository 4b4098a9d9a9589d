using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Tests.Provisioning;

public sealed class PostgresProvisionerTests(Servers servers) : IAsyncLifetime
{
    private readonly PostgresProvisioner _provisioner = StoreProvisioners.Postgres();
    private PostgresServer _server = null!;
    private NpgsqlDataSource _admin = null!;
    private Requests _world = null!;

    private string Schema => Identifier(_world.Names.Schema);

    private string Role => Identifier(_world.Names.Role);

    private string Mark => Literal(OwnerMark.Of(_world.Request().Owner).ToString());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await servers.PostgresAsync();
        _admin = NpgsqlDataSource.Create(_server.AdminConnectionString + ";Pooling=false");
        _world = new Requests { Postgres = Access() };
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    [Fact]
    public async Task New_world_gets_schema_role_and_tables_and_then_shows_no_drift()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        var inspection = await _provisioner.InspectAsync(_world.Request(), Stop);
        Assert.Empty(inspection.Drifts);
        await using var own = OpenAs(_world);
        Assert.Equal(1L, await own.CreateCommand("SELECT count(*) FROM world").ExecuteScalarAsync(Stop));
        await own.CreateCommand("UPDATE world SET holder = 'me'").ExecuteNonQueryAsync(Stop);
    }

    [Fact]
    public async Task Inspection_of_a_correct_world_writes_nothing()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        var before = await WrittenAsync();

        await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.Equal(before, await WrittenAsync());
    }

    [Fact]
    public async Task Role_of_a_world_reaches_neither_DDL_nor_another_worlds_schema()
    {
        var other = new Requests { Postgres = Access() };
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(other.Request(), Stop);
        await using var own = OpenAs(_world);

        await RefusedAsync(own, $"SELECT * FROM {Identifier(other.Names.Schema)}.world");
        await RefusedAsync(own, $"SELECT {Identifier(other.Names.Schema)}.make_journal_partitions(1)");
        await RefusedAsync(own, $"SELECT * FROM {Schema}.journal_blocks_0");
        await RefusedAsync(own, $"ALTER TABLE {Schema}.journal_blocks DETACH PARTITION {Schema}.journal_blocks_0");
        await RefusedAsync(own, $"CREATE TABLE {Schema}.mine (id int)");
        await RefusedAsync(own, $"TRUNCATE {Schema}.journal_blocks");
        await RefusedAsync(own, $"DROP TABLE {Schema}.world");
        await RefusedAsync(own, $"UPDATE {Schema}.schema_versions SET version = 0");
        await RefusedAsync(own, "CREATE SCHEMA elsewhere");
        await RefusedAsync(own, $"ALTER ROLE {Role} CREATEDB");
        await RefusedAsync(own, $"SET ROLE {_server.AdminUsername}");
    }

    [Fact]
    public async Task The_password_appears_in_no_statement()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        var log = string.Join('\n', await ServerLogs.ReadAsync(_server, Stop));
        Assert.Contains($"CREATE ROLE {Role}", log, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Credentials.PostgresPassword, log, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Drifts => new()
    {
        { "REVOKE USAGE ON SCHEMA {schema} FROM {role}", "USAGE on schema" },
        { "GRANT CREATE ON SCHEMA {schema} TO {role}", "more than USAGE" },
        { "GRANT USAGE ON SCHEMA {schema} TO PUBLIC", "open to everybody" },
        { "REVOKE INSERT ON {schema}.journal_blocks FROM {role}", "INSERT on table" },
        { "GRANT TRUNCATE ON {schema}.journal_blocks TO {role}", "TRUNCATE on table" },
        { "REVOKE DELETE ON {schema}.critical_state FROM {role}", "DELETE on table" },
        { "ALTER TABLE {schema}.critical_state DROP CONSTRAINT critical_state_pkey", "critical_state_pkey" },
        { "GRANT SELECT ON {schema}.world TO PUBLIC", "open to everybody" },
        { "ALTER TABLE {schema}.world OWNER TO {role}", "owned by the world's role" },
        { "ALTER SCHEMA {schema} OWNER TO {role}", "owned by the world's role" },
        { "ALTER ROLE {role} PASSWORD 'guessed'", "another password" },
        { "ALTER ROLE {role} PASSWORD NULL", "another password" },
        { "ALTER ROLE {role} SUPERUSER", "NOSUPERUSER" },
        { "ALTER ROLE {role} NOLOGIN CONNECTION LIMIT 1", "LOGIN" },
        { "ALTER ROLE {role} VALID UNTIL '2001-01-01'", "VALID UNTIL" },
        { "ALTER ROLE {role} RESET search_path", "search_path" },
        { "GRANT pg_read_all_data TO {role}", "member of" },
        { "GRANT ALL ON SCHEMA public TO {role}", "rights on schema" },
        { "DROP OWNED BY {role}; DROP ROLE {role}", "is missing" },
        { "ALTER TABLE {schema}.world DROP CONSTRAINT world_has_one_row", "world_has_one_row" },
        { "ALTER TABLE {schema}.snapshots DROP CONSTRAINT snapshots_pkey CASCADE", "snapshots_pkey" },
        { "ALTER TABLE {schema}.journal_blocks DROP CONSTRAINT journal_blocks_pkey", "journal_blocks_pkey" },
        { "GRANT SELECT ON {schema}.journal_blocks_0 TO {role}", "SELECT on table" },
        { "DROP FUNCTION {schema}.make_journal_partitions", "make_journal_partitions\"(bigint) is missing" },
        { "REVOKE EXECUTE ON FUNCTION {schema}.drop_journal_partitions FROM {role}", "EXECUTE on function" },
        { "GRANT EXECUTE ON FUNCTION {schema}.drop_journal_partitions TO PUBLIC", "open to everybody" },
        { "ALTER FUNCTION {schema}.drop_journal_partitions OWNER TO {role}", "owned by the world's role" },
        { "ALTER FUNCTION {schema}.drop_journal_partitions RESET search_path", "not the one of the migrations" },
        { "ALTER FUNCTION {schema}.make_journal_partitions SECURITY INVOKER", "not the one of the migrations" },
        {
            "CREATE OR REPLACE FUNCTION {schema}.make_journal_partitions(through_sequence bigint) RETURNS bigint "
                + "SECURITY DEFINER SET search_path = pg_catalog, pg_temp LANGUAGE plpgsql AS 'BEGIN RETURN 0; END'",
            "not the one of the migrations"
        },
    };

    [Theory]
    [MemberData(nameof(Drifts))]
    public async Task Drift_is_found_named_and_repaired(string damage, string named)
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await DamageAsync(damage);

        var found = await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.Contains(found.Drifts, drift => drift.What.Contains(named, StringComparison.Ordinal));
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
        await using var own = OpenAs(_world);
        await own.CreateCommand("DELETE FROM journal_blocks").ExecuteNonQueryAsync(Stop);
        await own.CreateCommand("SELECT make_journal_partitions(1), drop_journal_partitions(0, 0)")
            .ExecuteNonQueryAsync(Stop);
        await RefusedAsync(own, "TRUNCATE journal_blocks");
    }

    [Fact]
    public async Task Administrator_without_superuser_rights_suffices()
    {
        var name = $"admin_{Guid.NewGuid():N}";
        await AdminAsync($"CREATE ROLE {name} LOGIN CREATEROLE PASSWORD 'of admin'");
        await AdminAsync($"GRANT CREATE, CONNECT ON DATABASE {_server.Database} TO {name} WITH GRANT OPTION");
        var world = new Requests { Postgres = Access(name, "of admin") };

        await _provisioner.CheckAsync(world.Request().Backend, Stop);
        await _provisioner.EnsureAsync(world.Request(), Stop);
        await AdminAsync($"ALTER ROLE {Identifier(world.Names.Role)} PASSWORD 'guessed'");
        var found = await _provisioner.InspectAsync(world.Request(), Stop);
        await _provisioner.EnsureAsync(world.Request(), Stop);

        Assert.Contains("another password", Assert.Single(found.Drifts).What, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
    }

    [Theory]
    [InlineData("CREATE SCHEMA {schema}")]
    [InlineData("CREATE ROLE {role}")]
    [InlineData("""CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS '{"owner":"somebody","world":"a/b"}'""")]
    [InlineData("""CREATE ROLE {role}; COMMENT ON ROLE {role} IS '{"owner":"somebody","world":"a/b"}'""")]
    public async Task Objects_with_another_mark_or_none_are_refused_and_not_touched(string present)
    {
        await DamageAsync(present);
        var before = await WrittenAsync();

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(_world.Request(), Stop));
        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        Assert.Equal(StoreReason.OwnedByAnother, refusal.Reason);
        Assert.Equal(before, await WrittenAsync());
    }

    [Fact]
    public async Task A_retained_world_is_adopted_with_its_state_by_a_world_that_names_its_UID()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await AdminAsync($"UPDATE {Schema}.world SET epoch = 7");
        var heir = Guid.NewGuid().ToString();

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(_world.Request(heir), Stop));
        await _provisioner.EnsureAsync(_world.Request(heir, adopt: _world.Uid), Stop);

        Assert.Contains(_world.Uid, refusal.Message, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(heir), Stop)).Drifts);
        await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.InspectAsync(_world.Request(), Stop));
        Assert.Equal(7L, await ScalarAsync($"SELECT epoch FROM {Schema}.world"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS {mark}")]
    public async Task Adoption_of_a_missing_state_does_not_create_an_empty_one(string? damage)
    {
        if (damage is not null)
            await DamageAsync(damage);
        var heir = _world.Request(Guid.NewGuid().ToString(), adopt: _world.Uid);
        var before = await WrittenAsync();

        var found = await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.InspectAsync(heir, Stop));
        var refusal = await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.EnsureAsync(heir, Stop));

        Assert.Equal((StoreReason.SchemaLost, StoreReason.SchemaLost), (found.Reason, refusal.Reason));
        Assert.Equal(before, await WrittenAsync());
        Assert.Equal(damage is null, found.Message.Contains(AetherNames.AdoptAnnotation, StringComparison.Ordinal));
        await _provisioner.EnsureAsync(
            _world.Request(heir.Owner.Uid, adopt: _world.Uid, lossAccepted: true), Stop);
        Assert.Empty((await _provisioner.InspectAsync(heir, Stop)).Drifts);
    }

    [Fact]
    public async Task Lost_schema_is_not_replaced_by_an_empty_one_without_acceptance()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await AdminAsync($"DROP SCHEMA {Schema} CASCADE");

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(_world.Request(wasProvisioned: true), Stop));

        Assert.Equal(StoreReason.SchemaLost, refusal.Reason);
        await _provisioner.EnsureAsync(_world.Request(wasProvisioned: true, lossAccepted: true), Stop);
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
    }

    public static TheoryData<string, string> Losses => new()
    {
        { "DROP TABLE {schema}.journal_blocks", "table \"journal_blocks\"" },
        { "DROP TABLE {schema}.snapshots CASCADE", "table \"snapshots\"" },
        { "DROP TABLE {schema}.critical_state", "table \"critical_state\"" },
        { "ALTER TABLE {schema}.world DROP COLUMN projected_kinds", "column \"projected_kinds\" of table \"world\"" },
        { "DROP TABLE {schema}.schema_versions", "table \"schema_versions\"" },
        { "ALTER TABLE {schema}.journal_blocks DROP COLUMN block", "column \"block\" of table \"journal_blocks\"" },
        { "ALTER TABLE {schema}.world RENAME TO universe", "table \"world\"" },
        {
            "DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS {mark}",
            "table \"world\""
        },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Dropped_objects_that_held_state_are_named_and_nothing_is_written(string damage, string named)
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await DamageAsync(damage);
        var before = await WrittenAsync();

        var found = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.InspectAsync(_world.Request(wasProvisioned: true), Stop));
        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(_world.Request(wasProvisioned: true), Stop));

        Assert.Equal((StoreReason.SchemaLost, StoreReason.SchemaLost), (found.Reason, refusal.Reason));
        Assert.Contains(named, found.Message, StringComparison.Ordinal);
        Assert.Contains($"{OperatorNames.AcceptLossAnnotation}={_world.Uid}", found.Message, StringComparison.Ordinal);
        Assert.Equal(before, await WrittenAsync());
    }

    [Fact]
    public async Task Accepted_loss_starts_the_world_empty_and_keeps_the_remaining_objects()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await AdminAsync($"UPDATE {Schema}.world SET epoch = 7");
        await AdminAsync($"DROP TABLE {Schema}.journal_blocks");
        var aside = $"aether_lost_{await ScalarAsync($"SELECT {Literal(Schema)}::regnamespace::oid")}";

        var accepted = _world.Request(wasProvisioned: true, lossAccepted: true);
        var found = await _provisioner.InspectAsync(accepted, Stop);
        await _provisioner.EnsureAsync(accepted, Stop);

        Assert.Contains(aside, Assert.Single(found.Drifts).What, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(wasProvisioned: true), Stop)).Drifts);
        Assert.Equal(0L, await ScalarAsync($"SELECT epoch FROM {Schema}.world"));
        Assert.Equal(7L, await ScalarAsync($"SELECT epoch FROM {aside}.world"));
        await using (var own = OpenAs(_world))
        {
            await own.CreateCommand("DELETE FROM journal_blocks").ExecuteNonQueryAsync(Stop);
            await RefusedAsync(own, $"SELECT epoch FROM {aside}.world");
        }

        await _provisioner.DeleteAsync(_world.Deletion(), Stop);
        Assert.Equal(7L, await ScalarAsync($"SELECT epoch FROM {aside}.world"));
        Assert.Equal(0L, await ScalarAsync(
            $"SELECT count(*) FROM pg_roles WHERE rolname = {Literal(_world.Names.Role)}"));
    }

    [Fact]
    public async Task Schema_left_half_created_by_a_crash_is_completed()
    {
        await AdminAsync($"CREATE SCHEMA {Schema}");
        await AdminAsync($"COMMENT ON SCHEMA {Schema} IS {Mark}");

        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task Deletion_drops_marked_objects_and_keeps_all_others()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        await _provisioner.DeleteAsync(_world.Deletion("another"), Stop);
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);

        await _provisioner.DeleteAsync(_world.Deletion(), Stop);
        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        Assert.Equal(0L, await ScalarAsync(
            $"SELECT count(*) FROM pg_roles WHERE rolname = {Literal(_world.Names.Role)}"));
        Assert.Equal(0L, await ScalarAsync(
            $"SELECT count(*) FROM pg_namespace WHERE nspname = {Literal(_world.Names.Schema)}"));
    }

    [Fact]
    public async Task Wrong_password_host_and_database_are_distinguished_without_showing_the_password()
    {
        const string secret = "hush-hush-hush";
        var wrong = await FailureAsync(Access(password: secret));
        var unreachable = await FailureAsync(Access(port: 1));
        var lost = await FailureAsync(Access(database: "nowhere"));

        Assert.Equal(StoreReason.AuthenticationFailed, wrong.Reason);
        Assert.Equal(StoreReason.Unreachable, unreachable.Reason);
        Assert.Equal(StoreReason.DatabaseNotFound, lost.Reason);
        Assert.DoesNotContain(secret, wrong.ToString(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", unreachable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Concurrent_operators_create_one_world()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _provisioner.EnsureAsync(_world.Request(), Stop)));

        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
    }

    private PostgresAccess Access(
        string? user = null, string? password = null, int? port = null, string? database = null) => new()
        {
            Host = _server.Host,
            Port = port ?? _server.Port,
            Database = database ?? _server.Database,
            SslMode = PostgresSslMode.Disable,
            Username = user ?? _server.AdminUsername,
            Password = password ?? _server.AdminPassword,
        };

    private static NpgsqlDataSource OpenAs(Requests world) =>
        PostgresAdmin.Open(world.Postgres, world.Names.Role, world.Credentials.PostgresPassword);

    private async Task<ProvisioningException> FailureAsync(PostgresAccess access) =>
        await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.InspectAsync(new Requests { Postgres = access }.Request(), Stop));

    private static async Task RefusedAsync(NpgsqlDataSource own, string sql)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(
            () => own.CreateCommand(sql).ExecuteNonQueryAsync(Stop));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    private Task DamageAsync(string sql) => AdminAsync(
        sql.Replace("{schema}", Schema).Replace("{role}", Role).Replace("{mark}", Mark));

    private async Task AdminAsync(string sql) => await _admin.CreateCommand(sql).ExecuteNonQueryAsync(Stop);

    private async Task<object?> ScalarAsync(string sql) => await _admin.CreateCommand(sql).ExecuteScalarAsync(Stop);

    // The newest transaction that wrote a row of the catalogue about this world: if it is unchanged, nothing was
    // written.
    private async Task<string> WrittenAsync() => (string)(await ScalarAsync($"""
        SELECT concat_ws(' ',
          (SELECT string_agg(xmin::text || nspacl::text, ',') FROM pg_namespace
           WHERE nspname = {Literal(_world.Names.Schema)}),
          (SELECT string_agg(xmin::text, ',') FROM pg_authid WHERE rolname = {Literal(_world.Names.Role)}),
          (SELECT string_agg(c.xmin::text, ',' ORDER BY c.oid)
           FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
           WHERE nspname = {Literal(_world.Names.Schema)}),
          (SELECT string_agg(d.xmin::text || description, ',')
           FROM pg_shdescription d JOIN pg_roles r ON r.oid = d.objoid
           WHERE rolname = {Literal(_world.Names.Role)}),
          (SELECT string_agg(d.xmin::text || description, ',')
           FROM pg_description d JOIN pg_namespace n ON n.oid = d.objoid
           WHERE nspname = {Literal(_world.Names.Schema)}))
        """))!;
}
