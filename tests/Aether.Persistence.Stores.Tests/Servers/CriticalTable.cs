using System.Text;
using Aether.Persistence.State;
using Aether.Persistence.Stores.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>A world's critical keys as a reader by SQL sees them.</summary>
/// <param name="Sequence">The commit that the table has reached.</param>
/// <param name="End">The last commit of the journal.</param>
/// <param name="Kinds">The kinds shown.</param>
/// <param name="Rows">The rows, as <c>kind/id@version=value</c>, in order.</param>
internal sealed record CriticalTable(long Sequence, long End, string Kinds, string Rows)
{
    /// <summary>A journal that projects <paramref name="kinds"/>.</summary>
    public static PostgresJournal Journal(PostgresWorld world, params string[] kinds) =>
        new(world, new PostgresProjection(world, kinds, NullLogger<PostgresProjection>.Instance));

    /// <summary>Reads row and table in one statement, so that both are of the same moment.</summary>
    public static async Task<CriticalTable> ReadAsync(NpgsqlDataSource admin, PostgresWorld world)
    {
        await using var command = admin.CreateCommand($"""
            SELECT projected_sequence, journal_last_sequence, array_to_string(projected_kinds, ' '),
                   (SELECT coalesce(string_agg(
                             format('%s/%s@%s=%s', kind, id, version, convert_from(value, 'UTF8')),
                             ' ' ORDER BY kind, id), '')
                    FROM {world.Tables.CriticalState})
            FROM {world.Tables.World}
            """);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        await reader.ReadAsync(TestContext.Current.CancellationToken);
        return new CriticalTable(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3));
    }

    /// <summary>The rows of a table with these entries.</summary>
    public static string RowsOf(IEnumerable<StateEntry> entries) => string.Join(
        ' ',
        entries.OrderBy(entry => entry.Key.Kind, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.Id, StringComparer.Ordinal)
            .Select(entry => $"{entry.Key}@{entry.Value.Version}={Encoding.UTF8.GetString(entry.Value.Value.Span)}"));
}
