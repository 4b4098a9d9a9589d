using System.Data;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>An open query whose rows are read one by one; every step translates outages.</summary>
internal sealed class PostgresRows<T> : IAsyncDisposable
{
    private readonly PostgresSession _session;
    private readonly PostgresStatement _statement;
    private readonly PostgresWorld _world;
    private readonly NpgsqlDataReader _reader;
    private readonly Func<NpgsqlDataReader, Task<T>> _read;

    private PostgresRows(
        PostgresWorld world,
        PostgresSession session,
        PostgresStatement statement,
        NpgsqlDataReader reader,
        Func<NpgsqlDataReader, Task<T>> read)
    {
        _world = world;
        _session = session;
        _statement = statement;
        _reader = reader;
        _read = read;
    }

    public T Current { get; private set; } = default!;

    public static async Task<PostgresRows<T>> OpenAsync(
        PostgresWorld world,
        string sql,
        Action<NpgsqlParameterCollection> bind,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancellationToken)
    {
        PostgresSession? session = null;
        PostgresStatement? statement = null;
        try
        {
            session = await world.OpenAsync(cancellationToken);
            statement = new PostgresStatement(sql, session.Connection);
            bind(statement.Parameters);
            // Stream the columns, because a row may be too large to hold twice.
            var reader = await statement.ExecuteReaderAsync(cancellationToken, CommandBehavior.SequentialAccess);
            return new PostgresRows<T>(world, session, statement, reader, read);
        }
        catch (Exception exception)
        {
            if (statement is not null)
                await statement.DisposeAsync();
            if (session is not null)
                await session.DisposeAsync();
            if (PostgresFailures.IsOutage(exception))
                throw await world.TranslateAsync(exception);
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
            throw await _world.TranslateAsync(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Reads the rest of the rows, which the caller did not want.
            await _reader.DisposeAsync();
        }
        catch (Exception exception) when (PostgresFailures.IsOutage(exception))
        {
            // The caller has its rows, and the pool drops a broken connection when it is returned.
        }
        finally
        {
            await _statement.DisposeAsync();
            await _session.DisposeAsync();
        }
    }
}
