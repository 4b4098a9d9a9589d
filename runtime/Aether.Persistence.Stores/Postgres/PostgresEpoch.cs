using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>Epoch and holder in the world's row.</summary>
internal sealed record PostgresEpoch(Epoch Epoch, string Holder)
{
    /// <summary>Reads the row.</summary>
    public static async Task<PostgresEpoch> ReadAsync(
        NpgsqlConnection connection, PostgresTables tables, CancellationToken cancellationToken)
    {
        await using var statement = new PostgresStatement(Select(tables), connection);
        await using var reader = await statement.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, cancellationToken);
    }

    /// <summary>Reads the row and locks it, so that no other epoch can begin before the transaction ends.</summary>
    public static async Task<PostgresEpoch> HoldAsync(
        NpgsqlConnection connection, PostgresTables tables, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"{Select(tables)} FOR SHARE", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, cancellationToken);
    }

    /// <summary>
    /// Checks that the database contains <paramref name="opening"/>, which proves that it is this world's.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// It does not: it belongs to another world, or is an older copy.
    /// </exception>
    public static async Task ExpectAsync(
        NpgsqlConnection connection,
        PostgresTables tables,
        PostgresOpening opening,
        PostgresConnectionOptions options,
        CancellationToken cancellationToken)
    {
        await using var command = new PostgresStatement(
            $"SELECT EXISTS (SELECT FROM {tables.Epochs} WHERE epoch = $1 AND holder = $2 AND volume_id = $3)",
            connection);
        command.Parameters.AddValue(opening.Epoch.ToBigint());
        command.Parameters.AddValue(opening.Holder);
        command.Parameters.AddValue(opening.VolumeId);
        if (await command.ExecuteScalarAsync(cancellationToken) is not true)
            throw new StoreUnavailableException(
                PostgresFailures.Store,
                $"database '{options.Database}' at {options.Address} does not know that this agent opened "
                + $"the world under epoch {opening.Epoch}: it holds another world or an older copy of this one, so it "
                + "is not used. Point the backend to the database that holds the world, or restart the pod to open it "
                + "there.");
    }

    public static StoreUnavailableException Missing() => new(
        PostgresFailures.Store, "the world's row is missing. Restore the schema, or delete and recreate the world.");

    /// <summary>The exception for a writer whose epoch differs from the row's.</summary>
    public FencedException Fences(Epoch own) => new(own, Epoch, Holder.Length > 0 ? Holder : "unknown");

    private static string Select(PostgresTables tables) => $"SELECT epoch, holder FROM {tables.World}";

    private static async Task<PostgresEpoch> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken)
            ? new PostgresEpoch(reader.GetFieldValue<long>(0).ToEpoch(), reader.GetString(1))
            : throw Missing();
}
