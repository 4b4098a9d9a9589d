using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Tests.Servers;

namespace Aether.Persistence.Stores.Tests.Migrations;

public sealed class WorldSchemaScriptTests(ServerSet servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Script_makes_the_same_catalogue_as_the_migrations()
    {
        var (migrated, scripted) = (await servers.NewSchemaAsync(), await servers.NewSchemaAsync());

        await servers.Migrator.MigrateUpAsync(migrated, Cancellation);
        await RunAsync(scripted);

        var expected = await CatalogueAsync(migrated);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, await CatalogueAsync(scripted));
        Assert.Empty(await servers.Migrator.PendingAsync(scripted, Cancellation));
    }

    [Fact]
    public async Task Script_serves_any_name_of_a_schema_and_names_no_other()
    {
        var schema = await servers.NewSchemaAsync();
        var script = WorldSchemaScript.For(schema);

        Assert.DoesNotContain("the schema of a world", script, StringComparison.Ordinal);
        Assert.NotEqual(script, WorldSchemaScript.For(schema + "x"));
    }

    [Fact]
    public async Task Migrations_of_a_scripted_schema_go_down_and_up_again()
    {
        var schema = await servers.NewSchemaAsync();
        await RunAsync(schema);
        var before = await CatalogueAsync(schema);

        await servers.Migrator.MigrateDownAsync(schema, 0, Cancellation);
        var applied = await servers.Migrator.MigrateUpAsync(schema, Cancellation);

        Assert.Equal(WorldSchemaMigrator.Versions, applied);
        Assert.NotEmpty(before);
    }

    private Task RunAsync(string schema) => servers.ExecuteAsync(
        $"DO $create$ BEGIN EXECUTE $world${WorldSchemaScript.For(schema)}$world$; END $create$");

    // One line per object and property, without the schema's name.
    private async Task<string[]> CatalogueAsync(string schema)
    {
        var lines = await servers.QueryAsync<string[]>($"""
            WITH s AS (SELECT oid FROM pg_namespace WHERE nspname = '{schema}'), lines(line) AS (
              SELECT format('relation %s %s %s %s %s %s', relname, relkind, relpersistence, reloptions,
                            pg_get_expr(relpartbound, c.oid), relacl)
              FROM pg_class AS c, s WHERE relnamespace = s.oid
              UNION ALL
              SELECT format('column %s %s %s %s %s %s %s %s %s', relname, attnum, attname,
                            format_type(atttypid, atttypmod), attnotnull, attstorage, attidentity, attcollation,
                            pg_get_expr(adbin, adrelid))
              FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = attrelid
              LEFT JOIN pg_attrdef AS d ON d.adrelid = attrelid AND d.adnum = attnum, s
              WHERE relnamespace = s.oid AND attnum > 0
              UNION ALL
              SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(k.oid))
              FROM pg_constraint AS k, s WHERE connamespace = s.oid
              UNION ALL
              SELECT format('index %s', pg_get_indexdef(indexrelid))
              FROM pg_index AS i JOIN pg_class AS c ON c.oid = indexrelid, s WHERE relnamespace = s.oid
              UNION ALL
              SELECT format('function %s %s %s', pg_get_functiondef(p.oid), proacl, proowner::regrole)
              FROM pg_proc AS p, s WHERE pronamespace = s.oid
              UNION ALL
              SELECT format('version %s %s %s', version, description,
                            applied_on BETWEEN timezone('UTC', now()) - interval '1 hour' AND timezone('UTC', now()))
              FROM {ServerSet.Quote(schema)}.schema_versions
              UNION ALL
              SELECT format('world %s', w) FROM {ServerSet.Quote(schema)}.world AS w)
            SELECT array_agg(line) FROM lines
            """);
        return
        [
            .. lines
                .Select(line => line.Replace(ServerSet.Quote(schema), "SCHEMA", StringComparison.Ordinal)
                    .Replace(schema, "SCHEMA", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
    }
}
