using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Reads the identities that a world's snapshots carry (docs/formats/snapshot.md). They prove that the world's data was
/// written under a UID that a resource wants to adopt.
/// </summary>
internal static class SnapshotIdentities
{
    private const string Table = "snapshot_chunks";

    // After the header of the first chunk and the kind of the first record; substring counts from 1.
    private const int Offset = 16 + 1 + 1;
    private const int Size = 16;

    /// <summary>The hash of an identity, as in the file formats.</summary>
    public static UInt128 HashOf(string identity) =>
        XxHash128.HashToUInt128(MemoryMarshal.AsBytes(identity.AsSpan()));

    /// <summary>The hashes of the snapshots in a schema; empty if the schema has no table of snapshots.</summary>
    public static async Task<IReadOnlyCollection<UInt128>> ReadAsync(
        NpgsqlConnection connection, PostgresSchema schema, string name, CancellationToken cancellationToken)
    {
        if (schema.Tables.All(table => table.Name != Table))
            return [];

        await using var command = new NpgsqlCommand(
            $"SELECT DISTINCT substring(data FROM {Offset} FOR {Size}) FROM {Identifier(name)}.{Table} "
            + $"WHERE ordinal = 0 AND octet_length(data) >= {Offset - 1 + Size}",
            connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var hashes = new List<UInt128>();
        while (await rows.ReadAsync(cancellationToken))
            hashes.Add(BinaryPrimitives.ReadUInt128LittleEndian(rows.GetFieldValue<byte[]>(0)));
        return hashes;
    }
}
