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

    public PostgresStatement(string sql, NpgsqlConnection connection)
    {
        _connection = connection;
        _statement = new NpgsqlBatchCommand(sql);
        var silence = TimeSpan.FromSeconds(connection.CommandTimeout);
        _batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(TransactionSettings.Begin),
                new NpgsqlBatchCommand(TransactionSettings.Statement(connection, silence)),
                _statement,
                new NpgsqlBatchCommand("COMMIT"),
            },
        };
    }

    public NpgsqlParameterCollection Parameters => _statement.Parameters;

    /// <summary>Executes it and returns the number of changed rows.</summary>
    public async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
    {
        await RunAsync(_ => true, cancellationToken);
        return _statement.RecordsAffected;
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
            await TransactionSettings.VerifyAsync(reader, cancellationToken);
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
