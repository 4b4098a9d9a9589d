using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Reads the holder of a world's lease by PostgreSQL's clock, which decides when the lease expires.</summary>
internal static class PostgresLease
{
    private const string Table = "world";

    /// <summary>The holder; null if there is none, or the schema lacks the owner's mark.</summary>
    public static async Task<LiveWriter?> ReadAsync(
        NpgsqlConnection connection, DeletionRequest request, CancellationToken cancellationToken)
    {
        var catalogue = new PostgresCatalogue(connection, request.Names.Schema, request.Names.Role);
        var schema = await catalogue.ReadSchemaAsync(cancellationToken);
        if (schema is null
            || !Ownership.IsOwn(OwnerMark.Parse(schema.Comment), request.Owner)
            || schema.Tables.All(table => table.Name != Table))
            return null;

        await using var command = new NpgsqlCommand(
            $"""
            SELECT holder, epoch, ceil(extract(epoch FROM lease_expires_at - clock_timestamp()))::integer
            FROM {Identifier(request.Names.Schema)}.{Table} WHERE lease_expires_at > clock_timestamp()
            """,
            connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new LiveWriter(rows.GetString(0), rows.GetInt64(1), rows.GetInt32(2))
            : null;
    }
}
