namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A table of a world's schema, and what the world's role may do with it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owner">The role that owns it.</param>
/// <param name="ActsAsOwner">Whether the administrator has the owner's rights.</param>
/// <param name="OwnedByRole">Whether the world's role owns it.</param>
/// <param name="OpenToPublic">Whether everybody was granted something.</param>
/// <param name="Granted">Privileges granted to the role, as the catalogue writes them.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Constraints">Names of its constraints and indexes.</param>
/// <param name="IsPartition">Whether it is a partition of another, through which alone it is used.</param>
/// <param name="Parent">The table of the same schema that it is a partition of; null if it is none.</param>
internal sealed record PostgresTable(
    string Name,
    string Owner,
    bool ActsAsOwner,
    bool OwnedByRole,
    bool OpenToPublic,
    IReadOnlyList<string> Granted,
    IReadOnlyList<string> Columns,
    IReadOnlyList<string> Constraints,
    bool IsPartition,
    string? Parent)
{
    private static readonly string[] Use = ["DELETE", "INSERT", "SELECT", "UPDATE"];
    private static readonly string[] Look = ["SELECT"];

    /// <summary>Privileges the role should have: the record of migrations is not the world's to change.</summary>
    public IReadOnlyList<string> Due => IsPartition ? [] : Name == MigrationsTable ? Look : Use;

    /// <summary>Where the migrator records what it did.</summary>
    public static string MigrationsTable => "schema_versions";
}
