namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A table of a world's schema, and the rights of the world's role on it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Owner">The role that owns it.</param>
/// <param name="ActsAsOwner">Whether the administrator has the owner's rights.</param>
/// <param name="OwnedByRole">Whether the world's role owns it.</param>
/// <param name="OpenToPublic">Whether PUBLIC has rights on it.</param>
/// <param name="Granted">The role's privileges, in the catalogue's notation.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Constraints">Names of the constraints and indexes.</param>
/// <param name="IsPartition">Whether it is a partition, which is used only through its parent.</param>
/// <param name="Parent">The partitioned table in the same schema; null if it is not a partition.</param>
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
    private static readonly string[] ReadWrite = ["DELETE", "INSERT", "SELECT", "UPDATE"];
    private static readonly string[] ReadOnly = ["SELECT"];

    /// <summary>The privileges that the role should have; it may only read the record of migrations.</summary>
    public IReadOnlyList<string> Due => IsPartition ? [] : Name == MigrationsTable ? ReadOnly : ReadWrite;

    /// <summary>The table in which the migrator records applied migrations.</summary>
    public static string MigrationsTable => "schema_versions";
}
