using System.Data;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// One statement as a transaction of its own, in one round trip: BEGIN, the settings that it relies on
/// (<see cref="TransactionSettings"/>), the statement, and COMMIT. Because all of it is one transaction, it is also
/// safe if a pooler gives each transaction another session of the server.
/// </summary>
/// <remarks>The transaction is committed when the reader is disposed, or when the other members return.</remarks>
internal sealed class PostgresStatement : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlBatch _batch;
    private readonly NpgsqlBatchCommand _statement;
    private readonly bool _sharesSync;
    private bool _commitWaits;

    public PostgresStatement(string sql, NpgsqlConnection connection)
        : this(sql, connection, sharesSync: false)
    {
    }

    private PostgresStatement(string sql, NpgsqlConnection connection, bool sharesSync)
    {
        _connection = connection;
        _sharesSync = sharesSync;
        _statement = new NpgsqlBatchCommand(sql);
        var silence = TimeSpan.FromSeconds(connection.CommandTimeout);
        _batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(TransactionSettings.Begin),
                new NpgsqlBatchCommand(TransactionSettings.Statement(connection, silence, sharesSync: sharesSync)),
                _statement,
                new NpgsqlBatchCommand("COMMIT"),
            },
        };
        if (sharesSync)
            _batch.BatchCommands.Add(new NpgsqlBatchCommand(SharedSync.Wait));
    }

    /// <summary>
    /// A statement that returns no rows, whose commit leaves its sync to the WAL writer (<see cref="SharedSync"/>).
    /// </summary>
    public static PostgresStatement SharingSync(string sql, NpgsqlConnection connection) =>
        new(sql, connection, sharesSync: true);

    public NpgsqlParameterCollection Parameters => _statement.Parameters;

    /// <summary>Executes it and returns the number of changed rows.</summary>
    public async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
    {
        await RunAsync(_ => true, cancellationToken);
        return _statement.RecordsAffected;
    }

    /// <summary>
    /// Executes a statement that shares its sync. Returns the number of changed rows, and whether they are known to
    /// survive a crash of the server.
    /// </summary>
    public async Task<(int Changed, bool IsDurable)> ExecuteSharedAsync(CancellationToken cancellationToken)
    {
        var synced = false;
        await RunAsync(reader => synced = reader.GetBoolean(0), cancellationToken);
        return (_statement.RecordsAffected, _commitWaits || synced);
    }

    /// <summary>Executes it and returns the first column of its first row; null if there is no row.</summary>
    public async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken)
    {
        object? value = null;
        await RunAsync(reader => value = reader.GetValue(0), cancellationToken);
        return value;
    }

    /// <summary>Executes it and returns its rows.</summary>
    public async Task<NpgsqlDataReader> ExecuteReaderAsync(
        CancellationToken cancellationToken, CommandBehavior behavior = CommandBehavior.Default)
    {
        var reader = await _batch.ExecuteReaderAsync(behavior, cancellationToken);
        try
        {
            _commitWaits = await TransactionSettings.VerifyAsync(reader, cancellationToken, _sharesSync);
            await reader.NextResultAsync(cancellationToken);
            return reader;
        }
        catch
        {
            await EndAsync(reader);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private async Task RunAsync(Func<NpgsqlDataReader, object?> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
                read(reader);
            while (await reader.NextResultAsync(cancellationToken))
            {
                // Read to the end: the answer to COMMIT is part of it.
            }
        }
        catch (PostgresException) when (_connection.FullState == ConnectionState.Open)
        {
            // The transaction has failed and is still open; the caller may continue to use the session.
            await using var rollback = new NpgsqlCommand("ROLLBACK", _connection);
            await rollback.ExecuteNonQueryAsync(cancellationToken);
            throw;
        }
    }

    private static async Task EndAsync(NpgsqlDataReader reader)
    {
        try
        {
            await reader.DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // A standby refuses the statement too. Report the cause, not this consequence.
        }
    }
}
