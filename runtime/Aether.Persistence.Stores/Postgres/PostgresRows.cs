using System.Data;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>An open query whose rows are taken one by one, with outages translated at every step.</summary>
internal sealed class PostgresRows<T> : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _command;
    private readonly NpgsqlDataReader _reader;
    private readonly Func<NpgsqlDataReader, Task<T>> _read;

    private PostgresRows(
        NpgsqlConnection connection,
        NpgsqlCommand command,
        NpgsqlDataReader reader,
        Func<NpgsqlDataReader, Task<T>> read)
    {
        _connection = connection;
        _command = command;
        _reader = reader;
        _read = read;
    }

    public T Current { get; private set; } = default!;

    public static async Task<PostgresRows<T>> OpenAsync(
        NpgsqlDataSource dataSource,
        string sql,
        Action<NpgsqlParameterCollection> bind,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        NpgsqlCommand? command = null;
        try
        {
            connection = await dataSource.OpenConnectionAsync(cancellationToken);
            command = new NpgsqlCommand(sql, connection);
            bind(command.Parameters);
            // Rows may be larger than one wants to hold twice.
            var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
            return new PostgresRows<T>(connection, command, reader, read);
        }
        catch (Exception exception)
        {
            if (command is not null)
                await command.DisposeAsync();
            if (connection is not null)
                await connection.DisposeAsync();
            if (PostgresFailures.IsOutage(exception))
                throw PostgresFailures.Translate(exception);
            throw;
        }
    }

    public async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await _reader.ReadAsync(cancellationToken))
                return false;
            Current = await _read(_reader);
            return true;
        }
        catch (Exception exception) when (PostgresFailures.IsOutage(exception))
        {
            throw PostgresFailures.Translate(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Reads to the end what its caller did not want to see.
            await _reader.DisposeAsync();
        }
        catch (Exception exception) when (PostgresFailures.IsOutage(exception))
        {
            // The caller has what it wanted, and the pool drops a broken connection when it gets it back.
        }
        finally
        {
            await _command.DisposeAsync();
            await _connection.DisposeAsync();
        }
    }
}
