using System.Data;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// Renews the lease in the world's row. When it returns, the renewal survives a crash of the server. A thousand idle
/// worlds renew their leases 300 times per second, so renewals share the syncs of the WAL writer if possible (ADR
/// 0047); otherwise each is synced by itself.
/// </summary>
internal sealed class PostgresRenewal(PostgresTables tables)
{
    // A shorter lease leaves too little time to wait for the WAL writer and then to renew once more.
    private static readonly TimeSpan ShortestShared = TimeSpan.FromSeconds(10);

    private readonly string _renew =
        $"""
        UPDATE {tables.World} SET lease_expires_at = clock_timestamp() + $2
        WHERE epoch = $1 AND lease_expires_at > '-infinity'
        """;

    // Whether this server refuses to say how far it has synced.
    private volatile bool _isRefused;

    /// <summary>Returns false if the lease of this epoch cannot be renewed: another opened the world, or it ended.
    /// </summary>
    public async Task<bool> TryAsync(
        NpgsqlConnection connection, Epoch epoch, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        if (_isRefused || timeToLive < ShortestShared)
            return await TrySyncedAsync(connection, epoch, timeToLive, cancellationToken);

        try
        {
            await using var shared = Bind(PostgresStatement.SharingSync(_renew, connection), epoch, timeToLive);
            var (changed, isDurable) = await shared.ExecuteSharedAsync(cancellationToken);
            if (changed == 0 || isDurable)
                return changed == 1;
        }
        catch (PostgresException) when (connection.FullState == ConnectionState.Open)
        {
            // A managed server may lack the functions, a hardened one may forbid them, and a role's limits may end the
            // wait. If a plain renewal works, continue with those.
            var renewed = await TrySyncedAsync(connection, epoch, timeToLive, cancellationToken);
            _isRefused = true;
            return renewed;
        }

        return await TrySyncedAsync(connection, epoch, timeToLive, cancellationToken);
    }

    private async Task<bool> TrySyncedAsync(
        NpgsqlConnection connection, Epoch epoch, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        await using var synced = Bind(new PostgresStatement(_renew, connection), epoch, timeToLive);
        return await synced.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static PostgresStatement Bind(PostgresStatement statement, Epoch epoch, TimeSpan timeToLive)
    {
        statement.Parameters.AddValue(epoch.ToBigint());
        statement.Parameters.AddValue(timeToLive);
        return statement;
    }
}
