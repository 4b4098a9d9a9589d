namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A world's login role in the catalogue.</summary>
internal sealed record PostgresRole
{
    /// <summary>The wrong or missing attributes, in their right form for ALTER ROLE.</summary>
    public required IReadOnlyList<string> WrongAttributes { get; init; }

    public required string? Comment { get; init; }

    public required string? SearchPath { get; init; }

    public required bool MayConnect { get; init; }

    /// <summary>Whether the role has its own grants on the database, beyond those of PUBLIC.</summary>
    public required bool HasOwnGrantOnDatabase { get; init; }

    /// <summary>
    /// Former administrators that made such grants and whose rights the administrator has, so that it can revoke them.
    /// </summary>
    public required IReadOnlyList<string> FormerGrantors { get; init; }

    public required bool UsesSchema { get; init; }

    /// <summary>Privileges on the schema beyond USAGE.</summary>
    public required bool HasMoreOnSchema { get; init; }

    /// <summary>The stored verifier; null if the administrator may not read it.</summary>
    public required string? Verifier { get; init; }

    public required bool VerifierVisible { get; init; }

    /// <summary>Other schemas on which the role has grants.</summary>
    public required IReadOnlyList<string> ForeignSchemas { get; init; }

    /// <summary>Roles that the role is a member of, each with the role that granted the membership.</summary>
    public required IReadOnlyList<(string Group, string Grantor)> Memberships { get; init; }

    /// <summary>Whether the administrator has the role's rights, and so can take over its objects.</summary>
    public required bool ActsAsRole { get; init; }
}
