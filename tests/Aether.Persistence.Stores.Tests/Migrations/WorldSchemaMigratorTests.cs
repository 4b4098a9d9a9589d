using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Tests.Servers;

namespace Aether.Persistence.Stores.Tests.Migrations;

public sealed class WorldSchemaMigratorTests(ServerSet servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Up_creates_the_tables_of_a_world_with_its_one_row()
    {
        var schema = await servers.NewSchemaAsync();

        var applied = await servers.Migrator.MigrateUpAsync(schema, Cancellation);

        Assert.Equal(WorldSchemaMigrator.Versions, applied);
        Assert.Equal(
            "agent_reports critical_state diverged_tails epochs journal_blocks journal_blocks_0 schema_versions "
                + "snapshot_chunks snapshots world",
            await TablesAsync(schema));
        Assert.Equal(1, await servers.QueryAsync<long>($"SELECT count(*) FROM {ServerSet.Quote(schema)}.world"));
    }

    [Fact]
    public async Task Second_up_finds_no_pending_migration_and_writes_nothing()
    {
        var schema = await servers.NewSchemaAsync();
        await servers.Migrator.MigrateUpAsync(schema, Cancellation);
        var before = await servers.QueryAsync<string>(Fingerprint(schema));

        var pending = await servers.Migrator.PendingAsync(schema, Cancellation);
        var applied = await servers.Migrator.MigrateUpAsync(schema, Cancellation);

        Assert.Empty(pending);
        Assert.Empty(applied);
        Assert.Equal(before, await servers.QueryAsync<string>(Fingerprint(schema)));
    }

    [Fact]
    public async Task Listing_pending_migrations_leaves_an_empty_schema_empty()
    {
        var schema = await servers.NewSchemaAsync();

        var pending = await servers.Migrator.PendingAsync(schema, Cancellation);

        Assert.Equal(WorldSchemaMigrator.Versions, pending);
        Assert.Equal("", await TablesAsync(schema));
    }

    [Fact]
    public async Task Down_reverts_each_version_and_up_applies_them_again()
    {
        var schema = await servers.NewSchemaAsync();
        await servers.Migrator.MigrateUpAsync(schema, Cancellation);
        var complete = await TablesAsync(schema);

        await servers.Migrator.MigrateDownAsync(schema, WorldSchemaMigrator.Versions[0], Cancellation);
        var first = await TablesAsync(schema);
        await servers.Migrator.MigrateDownAsync(schema, 0, Cancellation);
        var none = await TablesAsync(schema);
        await servers.Migrator.MigrateUpAsync(schema, Cancellation);

        Assert.Equal("epochs schema_versions world", first);
        Assert.Equal("schema_versions", none);
        Assert.Equal(complete, await TablesAsync(schema));
    }

    [Fact]
    public async Task Exactly_one_of_several_concurrent_runs_applies_the_migrations()
    {
        var schema = await servers.NewSchemaAsync();

        var runs = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => servers.Migrator.MigrateUpAsync(schema, Cancellation)));

        Assert.Single(runs, run => run.Count == WorldSchemaMigrator.Versions.Count);
        Assert.Equal(5, runs.Count(run => run.Count == 0));
        Assert.Equal(
            WorldSchemaMigrator.Versions.Count,
            await servers.QueryAsync<long>($"SELECT count(*) FROM {ServerSet.Quote(schema)}.schema_versions"));
    }

    [Fact]
    public async Task A_failing_run_changes_nothing_and_releases_the_lock()
    {
        var schema = await servers.NewSchemaAsync();
        var obstacle = $"{ServerSet.Quote(schema)}.snapshots";
        await servers.ExecuteAsync($"CREATE TABLE {obstacle} ()");

        await Assert.ThrowsAnyAsync<Exception>(() => servers.Migrator.MigrateUpAsync(schema, Cancellation));

        Assert.Equal("snapshots", await TablesAsync(schema));
        await servers.ExecuteAsync($"DROP TABLE {obstacle}");
        Assert.NotEmpty(await servers.Migrator.MigrateUpAsync(schema, Cancellation));
    }

    [Fact]
    public async Task The_shape_of_a_world_is_the_result_of_the_migrations()
    {
        var schema = await servers.NewSchemaAsync();
        await servers.Migrator.MigrateUpAsync(schema, Cancellation);

        var columns = await servers.QueryAsync<string[]>($"""
            SELECT array_agg(table_name || '.' || column_name)
            FROM information_schema.columns
            WHERE table_schema = '{schema}' AND table_name NOT LIKE 'journal\_blocks\_%'
            """);
        var constraints = await servers.QueryAsync<string[]>(Constraints(schema, "name"));

        var due = WorldShape.After(WorldSchemaMigrator.Versions);
        Assert.Equal(
            columns.ToHashSet(),
            due.SelectMany(table => table.Columns.Select(each => $"{table.Name}.{each}")).ToHashSet());
        Assert.Equal(
            constraints.ToHashSet(),
            due.SelectMany(table => table.Constraints.Select(each => $"{table.Name}.{each.Name}")).ToHashSet());
    }

    [Fact]
    public async Task The_definitions_of_the_shape_create_the_constraints_of_the_migrations()
    {
        var schema = await servers.NewSchemaAsync();
        await servers.Migrator.MigrateUpAsync(schema, Cancellation);
        var made = await servers.QueryAsync<string[]>(Constraints(schema, "definition"));

        foreach (var table in WorldShape.After(WorldSchemaMigrator.Versions))
        {
            foreach (var constraint in table.Constraints)
            {
                var name = $"{ServerSet.Quote(schema)}.{table.Name}";
                var definition = constraint.Definition.Replace("{schema}", ServerSet.Quote(schema));
                await servers.ExecuteAsync($"""
                    ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {constraint.Name} CASCADE;
                    DROP INDEX IF EXISTS {ServerSet.Quote(schema)}.{constraint.Name};
                    ALTER TABLE {name} ADD CONSTRAINT {constraint.Name} {definition};
                    """);
            }
        }

        Assert.Equal(made, await servers.QueryAsync<string[]>(Constraints(schema, "definition")));
    }

    [Fact]
    public async Task A_missing_table_without_state_is_recreated_as_the_migrations_create_it()
    {
        var schema = await servers.NewSchemaAsync();
        await servers.Migrator.MigrateUpAsync(schema, Cancellation);
        var made = await servers.QueryAsync<string[]>(Definitions(schema));

        var stateless = WorldShape.After(WorldSchemaMigrator.Versions).Where(table => table.Definition is not null);
        foreach (var table in stateless)
            await servers.ExecuteAsync($"""
                DROP TABLE {ServerSet.Quote(schema)}.{table.Name};
                {table.Definition!.Replace("{schema}", ServerSet.Quote(schema))}
                """);

        Assert.Equal(["agent_reports"], stateless.Select(table => table.Name));
        Assert.Equal(made, await servers.QueryAsync<string[]>(Definitions(schema)));
    }

    private static string Definitions(string schema) =>
        $"""
        SELECT array_agg(concat_ws(' ', c.relpersistence, c.reloptions, a.attname, a.atttypid, a.attcollation,
          a.attnotnull) ORDER BY a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = '{ServerSet.Quote(schema)}'::regnamespace AND c.relname = 'agent_reports'
          AND a.attnum > 0
        """;

    [Fact]
    public async Task The_functions_of_the_shape_are_those_of_the_migrations()
    {
        var schema = await servers.NewSchemaAsync();
        await servers.Migrator.MigrateUpAsync(schema, Cancellation);
        var made = await servers.QueryAsync<string[]>(Functions(schema));

        foreach (var function in WorldShape.FunctionsAfter(WorldSchemaMigrator.Versions))
        {
            await servers.ExecuteAsync($"DROP FUNCTION {function.SignatureIn(ServerSet.Quote(schema))}");
            foreach (var statement in function.StatementsFor(ServerSet.Quote(schema)))
                await servers.ExecuteAsync(statement);
        }

        Assert.Equal(2, made.Length);
        Assert.Equal(made, await servers.QueryAsync<string[]>(Functions(schema)));
        Assert.Empty(WorldShape.FunctionsAfter([202611230001]));
    }

    private static string Functions(string schema) =>
        $"""
        SELECT array_agg(pg_get_functiondef(oid) || proacl::text ORDER BY proname) FROM pg_proc
        WHERE pronamespace = '{ServerSet.Quote(schema)}'::regnamespace
        """;

    // A unique index and the constraint that creates one are stored differently, but forbid the same.
    private static string Constraints(string schema, string what) =>
        $"""
        SELECT array_agg({what} ORDER BY name) FROM (
          SELECT c.relname || '.' || k.conname AS name,
                 pg_get_constraintdef(k.oid) AS definition
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
          WHERE k.connamespace = '{ServerSet.Quote(schema)}'::regnamespace AND k.contype IN ('c', 'f')
            AND NOT c.relispartition
          UNION ALL
          SELECT c.relname || '.' || i.relname,
                 pg_get_indexdef(i.oid) || x.indisprimary
          FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
          WHERE c.relnamespace = '{ServerSet.Quote(schema)}'::regnamespace AND NOT c.relispartition) AS all_of_them
        """;

    private static string Fingerprint(string schema) =>
        $"""
        SELECT string_agg(c.oid || ':' || c.relfilenode, ',' ORDER BY c.oid) || '/' ||
               (SELECT max(applied_on)::text || max(xmin::text) FROM {ServerSet.Quote(schema)}.schema_versions)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = '{schema}'
        """;

    private Task<string> TablesAsync(string schema) => servers.QueryAsync<string>(
        $"""
        SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '')
        FROM pg_tables WHERE schemaname = '{schema}'
        """);
}
