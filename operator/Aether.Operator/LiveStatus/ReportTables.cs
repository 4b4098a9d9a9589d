using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Aether.Persistence.Contracts;
using Npgsql;
using NpgsqlTypes;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The report tables in the worlds' schemas. Each table is written by its world, so reads are bounded: at most eight
/// reports among the first thousand rows.
/// </summary>
internal sealed class ReportTables(NpgsqlDataSource data)
{
    /// <summary>Maximum number of schemas per statement.</summary>
    public const int MostSchemas = 200;

    private const int MostPods = 8;
    private const int MostRows = 1_000;
    private const int CommandSeconds = 10;

    private static readonly string Table = Identifier(AetherNames.ReportTable);

    // The existing and readable tables: a single unreadable one would fail the statement for all others.
    private const string Readable = """
        SELECT n.nspname::text FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname = $1 AND c.relkind = 'r' AND n.nspname = ANY ($2)
          AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
        """;

    /// <summary>The newest reports in <paramref name="schemas"/>; missing schemas are skipped.</summary>
    public async IAsyncEnumerable<ReportRow> ReadAsync(
        IReadOnlyCollection<string> schemas, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (schemas.Count == 0)
            yield break;

        await using var connection = await data.OpenConnectionAsync(cancellationToken);
        foreach (var part in (await FindAsync(connection, schemas, cancellationToken)).Chunk(MostSchemas))
        {
            await using var command = new NpgsqlCommand(Statement(part), connection)
            {
                CommandTimeout = CommandSeconds,
            };
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
                yield return Row(part, rows);
        }
    }

    private static async Task<IReadOnlyList<string>> FindAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> schemas, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Readable, connection) { CommandTimeout = CommandSeconds };
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = AetherNames.ReportTable });
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
            Value = schemas.ToArray(),
        });
        var found = new List<string>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            found.Add(rows.GetString(0));
        return found;
    }

    private static string Statement(string[] schemas)
    {
        var text = new StringBuilder();
        for (var i = 0; i < schemas.Length; i++)
        {
            text.Append(i == 0 ? "" : " UNION ALL ").Append(CultureInfo.InvariantCulture, $"""
                (SELECT {i}, pg_catalog.left(r.pod, 253),
                   (EXTRACT(epoch FROM r.sent_at) * 1000000)::bigint,
                   EXTRACT(epoch FROM pg_catalog.clock_timestamp() - r.sent_at)::double precision, r.report
                 FROM (SELECT pod, sent_at, report FROM {Identifier(schemas[i])}.{Table} LIMIT {MostRows}) AS r
                 WHERE r.sent_at BETWEEN pg_catalog.clock_timestamp() - interval '1 day'
                   AND pg_catalog.clock_timestamp() + interval '1 hour'
                 ORDER BY r.sent_at DESC LIMIT {MostPods})
                """);
        }

        return text.ToString();
    }

    // If the clock was set back, reports may lie in the future: treat them as current.
    private static ReportRow Row(string[] schemas, NpgsqlDataReader row) => new(
        schemas[row.GetInt32(0)],
        row.GetString(1),
        row.GetInt64(2),
        TimeSpan.FromSeconds(Math.Max(row.GetDouble(3), 0)),
        row.GetFieldValue<byte[]>(4));
}
