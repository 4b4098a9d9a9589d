using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>The sessions that one set of options leads to.</summary>
internal sealed class PostgresPool(PostgresConnectionOptions options, NpgsqlDataSource dataSource) : IAsyncDisposable
{
    public PostgresConnectionOptions Options { get; } = options;

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        dataSource.OpenConnectionAsync(cancellationToken);

    /// <summary>Ends free sessions now, and those in use when they are given back.</summary>
    public ValueTask DisposeAsync() => dataSource.DisposeAsync();
}
