using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Npgsql;

namespace Aether.Operator.Tests.Provisioning.Postgres;

/// <summary>What creating a world costs PostgreSQL, and what it waits for.</summary>
public sealed class NewWorldTests(Servers servers) : IAsyncLifetime
{
    private const int MostStatements = 20;

    private readonly PostgresProvisioner _provisioner = StoreProvisioners.Postgres();
    private TestDatabase _database = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(servers);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task New_world_costs_at_most_twenty_statements()
    {
        await _database.RunAsync("CREATE EXTENSION pg_stat_statements SCHEMA public");

        await _provisioner.InspectAsync(_database.World.Request(), Stop);
        await _provisioner.EnsureAsync(_database.World.Request(), Stop);

        var statements = (long)(await _database.AskAsync("""
            SELECT sum(calls)::bigint FROM public.pg_stat_statements AS s
            WHERE userid = '{admin}'::regrole AND dbid = (SELECT oid FROM pg_database WHERE datname = '{database}')
            """))!;
        Assert.InRange(statements, 1, MostStatements);
        Assert.Empty((await _provisioner.InspectAsync(_database.World.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task World_made_in_steps_has_the_same_rights_as_a_new_one()
    {
        await _provisioner.EnsureAsync(_database.World.Request(), Stop);
        var other = new Requests { Postgres = _database.World.Postgres };
        var role = SqlText.Identifier(other.Names.Role);
        var mark = SqlText.Literal(OwnerMark.Of(other.Request().Owner).ToString());
        await using (var admin = PostgresAdmin.Open(other.Postgres))
            await admin.CreateCommand($"CREATE ROLE {role}; COMMENT ON ROLE {role} IS {mark}")
                .ExecuteNonQueryAsync(Stop);

        await _provisioner.EnsureAsync(other.Request(), Stop);

        Assert.Equal(await RightsAsync(_database.World), await RightsAsync(other));
        Assert.Empty((await _provisioner.InspectAsync(other.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task New_world_waits_for_no_other_world()
    {
        await using var other = NpgsqlDataSource.Create(
            (await servers.PostgresAsync()).AdminConnectionString + $";Database={_database.Name};Pooling=false");
        await using var session = await other.OpenConnectionAsync(Stop);
        await using (var hold = new NpgsqlCommand(
            "SELECT pg_advisory_lock(hashtextextended('aether provisioning', 0))", session))
            await hold.ExecuteNonQueryAsync(Stop);

        await _provisioner.EnsureAsync(_database.World.Request(), Stop);

        Assert.Empty((await _provisioner.InspectAsync(_database.World.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task Worlds_created_together_all_get_their_grant_on_the_database()
    {
        await _database.RunAsync("""
            REVOKE CONNECT ON DATABASE {database} FROM PUBLIC;
            GRANT CONNECT ON DATABASE {database} TO {admin} WITH GRANT OPTION
            """);
        var worlds = Enumerable.Range(0, 8).Select(_ => new Requests { Postgres = _database.World.Postgres }).ToList();

        await Task.WhenAll(worlds.Select(world => _provisioner.EnsureAsync(world.Request(), Stop)));

        foreach (var world in worlds)
            Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
        await Task.WhenAll(worlds.Select(world => _provisioner.DeleteAsync(world.Deletion(), Stop)));
        Assert.Equal(0L, await _database.AskAsync(
            "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'aether%'"));
    }

    [Fact]
    public async Task Creation_that_fails_midway_leaves_neither_role_nor_schema()
    {
        await _database.RunAsync("""
            CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql
              AS 'BEGIN RAISE EXCEPTION ''no function today''; END';
            CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE FUNCTION')
              EXECUTE FUNCTION public.refuse()
            """);

        await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(_database.World.Request(), Stop));

        Assert.Equal(0L, await _database.AskAsync($"""
            SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = '{_database.World.Names.Schema}')
              + (SELECT count(*) FROM pg_roles WHERE rolname = '{_database.World.Names.Role}')
            """));
        await _database.RunAsync("DROP EVENT TRIGGER refuse");
        await _provisioner.EnsureAsync(_database.World.Request(), Stop);
        Assert.Empty((await _provisioner.InspectAsync(_database.World.Request(), Stop)).Drifts);
    }

    [Theory]
    [InlineData("ddl_command_end")]
    [InlineData("sql_drop")]
    public async Task Creation_and_deletion_are_repeated_when_another_session_changed_the_same_row(string moment)
    {
        await _database.RunAsync($"""
            CREATE SEQUENCE public.changes;
            GRANT USAGE ON SEQUENCE public.changes TO PUBLIC;
            CREATE FUNCTION public.conflict() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN
              IF nextval(''public.changes'') = 1 THEN
                RAISE EXCEPTION ''tuple concurrently updated'' USING ERRCODE = ''XX000'';
              END IF;
            END';
            CREATE EVENT TRIGGER conflict ON {moment} EXECUTE FUNCTION public.conflict()
            """);

        await _provisioner.EnsureAsync(_database.World.Request(), Stop);
        var drifts = (await _provisioner.InspectAsync(_database.World.Request(), Stop)).Drifts;
        await _provisioner.DeleteAsync(_database.World.Deletion(), Stop);

        Assert.Empty(drifts);
        Assert.True((bool)(await _database.AskAsync("SELECT last_value > 1 FROM public.changes"))!);
        Assert.Equal(0L, await _database.AskAsync(
            $"SELECT count(*) FROM pg_namespace WHERE nspname = '{_database.World.Names.Schema}'"));
    }

    // Owners and rights of all objects, without the names of world and role.
    private async Task<string> RightsAsync(Requests world)
    {
        var rights = (string)(await _database.AskAsync($"""
            WITH s AS (SELECT oid FROM pg_namespace WHERE nspname = '{world.Names.Schema}')
            SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
              SELECT format('%s %s %s', relname, relowner::regrole, relacl) FROM pg_class, s WHERE relnamespace = s.oid
              UNION ALL
              SELECT format('%s %s %s %s', proname, proowner::regrole, proacl, proconfig)
              FROM pg_proc, s WHERE pronamespace = s.oid
              UNION ALL
              SELECT format('schema %s %s', nspowner::regrole, nspacl)
              FROM pg_namespace, s WHERE pg_namespace.oid = s.oid
              UNION ALL
              SELECT format('role %s %s %s %s', rolcanlogin, rolinherit, rolconnlimit, rolconfig)
              FROM pg_roles WHERE rolname = '{world.Names.Role}') AS lines(line)
            """))!;
        return rights.Replace(world.Names.Role, "ROLE", StringComparison.Ordinal)
            .Replace(world.Names.Schema, "SCHEMA", StringComparison.Ordinal);
    }
}
