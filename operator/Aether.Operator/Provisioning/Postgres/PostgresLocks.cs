using Aether.Persistence.Migrations;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// The advisory locks of a transaction that changes a world's objects. Always in this order: the world's, then the one
/// of all worlds (ADR 0045).
/// </summary>
internal static class PostgresLocks
{
    // Operators of older versions hold this lock while they change any world. If its name changed, old and new
    // operators would no longer exclude each other where worlds share rows.
    private const string AllWorlds = "aether provisioning";

    /// <summary>
    /// Pins the transaction's settings and takes the world's lock, which is the one of its schema's migrations: nobody
    /// else creates, migrates, repairs or drops this world's objects until the transaction ends.
    /// </summary>
    public static async Task TakeWorldAsync(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await PostgresSession.PinTransactionAsync(connection, cancellationToken);
        await TakeAsync(connection, WorldSchemaMigrator.LockOf(schema), cancellationToken);
    }

    /// <summary>
    /// Takes the lock of all worlds, for changes of catalogue rows that worlds share: the database's grants, and grants
    /// on schemas of others. PostgreSQL refuses the second of two concurrent changes of one row. Take it as late as
    /// possible, because no other world's change of such rows proceeds until the transaction ends.
    /// </summary>
    public static Task TakeAllWorldsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        TakeAsync(connection, AllWorlds, cancellationToken);

    private static async Task TakeAsync(
        NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT set_config('lock_timeout', '10s', true), pg_advisory_xact_lock(hashtextextended($1, 0))",
            connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
