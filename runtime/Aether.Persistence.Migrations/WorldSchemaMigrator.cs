using System.Data;
using System.Reflection;
using FluentMigrator;
using FluentMigrator.Runner;
using FluentMigrator.Runner.Conventions;
using FluentMigrator.Runner.Initialization;
using FluentMigrator.Runner.Processors.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Aether.Persistence.Migrations;

/// <summary>
/// Brings the schema of a world to the version of this build. The schema itself must exist; everything in it is created
/// under the role that <paramref name="admin"/> logs in with. Each run is one transaction under an advisory lock. So
/// concurrent runs, also of different operators, follow each other, and the later ones find nothing to do.
/// </summary>
public sealed class WorldSchemaMigrator(NpgsqlDataSource admin, ILoggerFactory loggers)
{
    private const string Lock =
        """
        SELECT pg_catalog.set_config('statement_timeout', '0', true),
          pg_catalog.set_config('lock_timeout', '0', true),
          pg_catalog.set_config('standard_conforming_strings', 'on', true),
          pg_catalog.set_config('search_path', $2, true),
          pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))
        """;

    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(2);

    /// <summary>The versions of this build, oldest first.</summary>
    public static IReadOnlyList<long> Versions { get; } =
    [
        .. typeof(WorldSchemaMigrator).Assembly.GetTypes()
            .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Version)
            .OfType<long>()
            .Order(),
    ];

    /// <summary>
    /// The text whose hash (<c>hashtextextended(text, 0)</c>) is the advisory lock of a schema's migrations. The
    /// creation and the drop of the schema take it too.
    /// </summary>
    public static string LockOf(string schema) => $"aether migrations of {schema}";

    /// <summary>Versions of this build that the schema lacks, oldest first. Only reads.</summary>
    public async Task<IReadOnlyList<long>> PendingAsync(string schema, CancellationToken cancellationToken)
    {
        await using var connection = await admin.OpenConnectionAsync(cancellationToken);
        return await PendingAsync(connection, schema, cancellationToken);
    }

    /// <summary>Versions that were applied according to the schema's own record; null if it has none.</summary>
    public static async Task<IReadOnlyCollection<long>?> AppliedAsync(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        var name = $"{Quote(schema)}.{Quote(WorldVersionTable.Name)}";
        // Do not use to_regclass: it may answer from a cache that was filled before another run created the table.
        await using (var exists = new NpgsqlCommand(
            """
            SELECT EXISTS (
              SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE n.nspname = $1 AND c.relname = $2)
            """,
            connection))
        {
            exists.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
            exists.Parameters.Add(new NpgsqlParameter<string> { TypedValue = WorldVersionTable.Name });
            if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
                return null;
        }

        var applied = new HashSet<long>();
        await using var command = new NpgsqlCommand(
            $"SELECT {Quote(WorldVersionTable.Version)} FROM {name}", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            applied.Add(reader.GetInt64(0));
        return applied;
    }

    /// <summary>
    /// Runs the pending migrations and returns them. If there are none, it writes nothing and takes no lock.
    /// </summary>
    public async Task<IReadOnlyList<long>> MigrateUpAsync(string schema, CancellationToken cancellationToken)
    {
        await using var connection = await admin.OpenConnectionAsync(cancellationToken);
        if (await PendingAsync(connection, schema, cancellationToken) is { Count: 0 } none)
            return none;

        return await UnderLockAsync(
            connection,
            schema,
            async transaction =>
            {
                var pending = await PendingAsync(connection, schema, cancellationToken);
                if (pending.Count > 0)
                    await RunAsync(transaction, schema, runner => runner.MigrateUp());
                return pending;
            },
            cancellationToken);
    }

    /// <summary>
    /// Reverts every migration after <paramref name="version"/>, together with the data in the tables that it created;
    /// 0 reverts all.
    /// </summary>
    public async Task MigrateDownAsync(string schema, long version, CancellationToken cancellationToken)
    {
        await using var connection = await admin.OpenConnectionAsync(cancellationToken);
        await UnderLockAsync(
            connection,
            schema,
            async transaction =>
            {
                await RunAsync(transaction, schema, runner => runner.MigrateDown(version));
                return version;
            },
            cancellationToken);
    }

    private static async Task<IReadOnlyList<long>> PendingAsync(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        var applied = await AppliedAsync(connection, schema, cancellationToken) ?? [];
        return [.. Versions.Where(version => !applied.Contains(version))];
    }

    // Lock and search_path belong to the transaction, not to the session: a pooler may run the next transaction on
    // another session.
    private static async Task<T> UnderLockAsync<T>(
        NpgsqlConnection connection,
        string schema,
        Func<NpgsqlTransaction, Task<T>> action,
        CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.ReadCommitted, cancellationToken);
        await using (var command = new NpgsqlCommand(Lock, connection, transaction))
        {
            command.CommandTimeout = (int)LockTimeout.TotalSeconds;
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = LockOf(schema) });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Quote(schema) });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var result = await action(transaction);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    internal static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // The caller adds the processor.
    internal static IServiceCollection Runner(string schema, ILoggerFactory loggers, string connectionString) =>
        new ServiceCollection()
            .AddSingleton(loggers)
            .AddLogging()
            .AddFluentMigratorCore()
            .AddSingleton<IConventionSet>(new DefaultConventionSet(schema, workingDirectory: null))
            .ConfigureRunner(builder => builder
                .AddPostgres15_0()
                .WithGlobalConnectionString(connectionString)
                .WithVersionTable(new WorldVersionTable(schema))
                .ScanIn(typeof(WorldSchemaMigrator).Assembly).For.Migrations())
            .Configure<RunnerOptions>(options => options.TransactionPerSession = true);

    // FluentMigrator blocks its thread while the server works, so it gets a thread of its own.
    private Task RunAsync(NpgsqlTransaction transaction, string schema, Action<IMigrationRunner> run) => Task.Run(() =>
    {
        using var services = Runner(schema, loggers, transaction.Connection!.ConnectionString)
            .AddScoped<Postgres15_0Processor>(provider =>
                ActivatorUtilities.CreateInstance<CallerTransactionProcessor>(provider, transaction))
            .BuildServiceProvider(validateScopes: false);
        using var scope = services.CreateScope();
        run(scope.ServiceProvider.GetRequiredService<IMigrationRunner>());
    });
}
