using Aether.Persistence.Migrations;
using Aether.Persistence.Migrations.World;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A world's schema as the catalogue has it.</summary>
internal sealed record PostgresSchema
{
    public required string? Comment { get; init; }

    public required string Owner { get; init; }

    /// <summary>
    /// Whether the administrator has the owner's rights: only then is what the schema holds read. Otherwise
    /// <see cref="Tables"/> and <see cref="Functions"/> are empty, and <see cref="Migrations"/> is null.
    /// </summary>
    public required bool ActsAsOwner { get; init; }

    /// <summary>
    /// Hashes of the identities that the snapshots in it carry. Empty where nobody asked: they are read only when a
    /// resource names a UID that the schema's mark does not know.
    /// </summary>
    public IReadOnlyCollection<UInt128> SnapshotWorlds { get; init; } = [];

    /// <summary>Whether the world's own role owns it, and so could do anything in it.</summary>
    public required bool OwnedByRole { get; init; }

    public required bool OpenToPublic { get; init; }

    /// <summary>Its number in the catalogue, which no other schema of the database has.</summary>
    public required uint Id { get; init; }

    /// <summary>Versions of the migrations it has; null if it holds no record of them.</summary>
    public required IReadOnlyCollection<long>? Migrations { get; init; }

    public required IReadOnlyList<PostgresTable> Tables { get; init; }

    public required IReadOnlyList<PostgresFunction> Functions { get; init; }

    /// <summary>The tables that migrations made, with their partitions. All others are somebody else's.</summary>
    public IEnumerable<PostgresTable> OwnTables => Tables.Where(
        table => WorldTables.Contains(table.IsPartition ? table.Parent : table.Name));

    /// <summary>The functions that migrations made. All others are somebody else's.</summary>
    public IEnumerable<WorldFunction> OwnFunctions => WorldShape.FunctionsAfter(WorldSchemaMigrator.Versions)
        .Where(own => Functions.Any(found => found.Name == own.Name && found.Types == own.Types));

    private static HashSet<string?> WorldTables { get; } =
        [.. WorldShape.After(WorldSchemaMigrator.Versions).Select(table => table.Name)];
}
