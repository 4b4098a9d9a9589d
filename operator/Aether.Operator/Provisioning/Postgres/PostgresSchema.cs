using Aether.Persistence.Migrations;
using Aether.Persistence.Migrations.World;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A world's schema in the catalogue.</summary>
internal sealed record PostgresSchema
{
    public required string? Comment { get; init; }

    public required string Owner { get; init; }

    /// <summary>
    /// Whether the administrator has the owner's rights, without which the schema's content is not read: <see
    /// cref="Tables"/> and <see cref="Functions"/> are then empty, and <see cref="Migrations"/> is null.
    /// </summary>
    public required bool ActsAsOwner { get; init; }

    /// <summary>
    /// Hashes of the identities that the schema's snapshots carry. They are read only if a resource names a UID that is
    /// not in the schema's mark; otherwise empty.
    /// </summary>
    public IReadOnlyCollection<UInt128> SnapshotWorlds { get; init; } = [];

    /// <summary>Whether the world's own role owns the schema, and so could do anything in it.</summary>
    public required bool OwnedByRole { get; init; }

    public required bool OpenToPublic { get; init; }

    /// <summary>The schema's OID, unique within the database.</summary>
    public required uint Id { get; init; }

    /// <summary>Versions of the applied migrations; null if there is no record of them.</summary>
    public required IReadOnlyCollection<long>? Migrations { get; init; }

    public required IReadOnlyList<PostgresTable> Tables { get; init; }

    public required IReadOnlyList<PostgresFunction> Functions { get; init; }

    /// <summary>The tables of the migrations, with their partitions. All other tables are not the operator's.</summary>
    public IEnumerable<PostgresTable> OwnTables => Tables.Where(
        table => WorldTables.Contains(table.IsPartition ? table.Parent : table.Name));

    /// <summary>The functions of the migrations. All other functions are not the operator's.</summary>
    public IEnumerable<WorldFunction> OwnFunctions => WorldShape.FunctionsAfter(WorldSchemaMigrator.Versions)
        .Where(own => Functions.Any(found => found.Name == own.Name && found.Types == own.Types));

    private static HashSet<string?> WorldTables { get; } =
        [.. WorldShape.After(WorldSchemaMigrator.Versions).Select(table => table.Name)];
}
