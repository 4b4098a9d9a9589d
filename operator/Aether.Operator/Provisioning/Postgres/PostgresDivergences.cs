using System.Globalization;
using Aether.Operator.Kinds;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Reads the diverged tails that a world's agents recorded.</summary>
internal static class PostgresDivergences
{
    /// <summary>The tails after the one numbered <paramref name="known"/>, oldest first.</summary>
    public static async Task<IReadOnlyList<WorldDivergenceStatus>> ReadAfterAsync(
        NpgsqlDataSource data, string schema, long known, CancellationToken cancellationToken)
    {
        await using var command = data.CreateCommand(
            $"""
            SELECT number, first_sequence, last_sequence, epoch, volume_id, folder, overtaken_by, found_at
            FROM {Identifier(schema)}.diverged_tails WHERE number > $1 ORDER BY number
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = known });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var tails = new List<WorldDivergenceStatus>();
        while (await rows.ReadAsync(cancellationToken))
            tails.Add(new WorldDivergenceStatus
            {
                Number = rows.GetInt64(0),
                FirstCommit = rows.GetInt64(1),
                LastCommit = rows.GetInt64(2),
                Epoch = rows.GetInt64(3),
                VolumeId = rows.GetGuid(4).ToString(),
                Folder = rows.GetString(5),
                OvertakenBy = rows.GetString(6),
                FoundAt = rows.GetDateTime(7).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            });
        return tails;
    }
}
