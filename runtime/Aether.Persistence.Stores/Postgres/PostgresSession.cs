using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>A session in use, and the pool to which it returns.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, Replaceable<PostgresPool>.Hold pool)
    : IAsyncDisposable
{
    public NpgsqlConnection Connection { get; } = connection;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Connection.DisposeAsync();
        }
        finally
        {
            await pool.DisposeAsync();
        }
    }
}
