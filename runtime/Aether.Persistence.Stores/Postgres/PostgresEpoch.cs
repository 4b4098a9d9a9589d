using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>Who holds the world, as its row says.</summary>
internal sealed record PostgresEpoch(Epoch Epoch, string Holder)
{
    /// <summary>
    /// Reads the row; with <paramref name="share"/> no other epoch can begin before the transaction ends.
    /// </summary>
    public static async Task<PostgresEpoch> ReadAsync(
        NpgsqlConnection connection, PostgresTables tables, bool share, CancellationToken cancellationToken)
    {
        var sql = $"SELECT epoch, holder FROM {tables.World}{(share ? " FOR SHARE" : "")}";
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new PostgresEpoch(reader.GetFieldValue<long>(0).ToEpoch(), reader.GetString(1))
            : throw Missing();
    }

    public static StoreUnavailableException Missing() => new(
        PostgresFailures.Store, "the world's row is missing. Restore the schema, or delete and recreate the world.");

    /// <summary>The exception for a writer of another epoch than the row's.</summary>
    public FencedException Fences(Epoch own) => new(own, Epoch, Holder.Length > 0 ? Holder : "unknown");
}
