using FluentMigrator.Runner;
using FluentMigrator.Runner.Processors.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aether.Persistence.Migrations;

/// <summary>
/// All migrations of a world's schema as one script for a new, empty schema. It is generated from the migrations, once
/// per process, and a test compares its result with theirs. It saves a round trip per statement, and the migrator's own
/// work for each world.
/// </summary>
public static class WorldSchemaScript
{
    // As quoted in the generated statements, it occurs nowhere else.
    private const string Placeholder = "the schema of a world";

    private static readonly Lazy<string> Template = new(Generate);

    /// <summary>
    /// The statements, separated by semicolons. They set the transaction's search_path and lock_timeout.
    /// </summary>
    public static string For(string schema) => Template.Value.Replace(
        WorldSchemaMigrator.Quote(Placeholder), WorldSchemaMigrator.Quote(schema), StringComparison.Ordinal);

    private static string Generate()
    {
        List<string> statements = [$"SET LOCAL search_path TO {WorldSchemaMigrator.Quote(Placeholder)}"];
        using var services = WorldSchemaMigrator.Runner(Placeholder, NullLoggerFactory.Instance, "Host=none")
            .AddScoped<Postgres15_0Processor>(provider =>
                ActivatorUtilities.CreateInstance<ScriptProcessor>(provider, statements))
            .BuildServiceProvider(validateScopes: false);
        using var scope = services.CreateScope();
        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp();
        return string.Join(";\n", statements);
    }
}
