using Aether.Persistence.Recovery;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>Records diverged tails in the world's schema, where the operator reads them.</summary>
public sealed class PostgresDivergenceLog(PostgresWorld world) : IDivergenceLog
{
    private readonly string _record =
        $"""
        INSERT INTO {world.Tables.DivergedTails}
          (volume_id, epoch, first_sequence, last_sequence, folder, overtaken_by, found_at)
        VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
        ON CONFLICT DO NOTHING
        """;

    /// <inheritdoc />
    public Task RecordAsync(DivergedTail tail, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tail);
        return world.RunAsync(
            async connection =>
            {
                await using var command = new PostgresStatement(_record, connection);
                command.Parameters.AddValue(tail.VolumeId);
                command.Parameters.AddValue(tail.Epoch.ToBigint());
                command.Parameters.AddValue(tail.First.ToBigint());
                command.Parameters.AddValue(tail.Last.ToBigint());
                command.Parameters.AddValue(tail.Folder);
                command.Parameters.AddValue(tail.OvertakenBy);
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);
    }
}
