namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A world's login role as the catalogue has it.</summary>
internal sealed record PostgresRole
{
    /// <summary>Attributes it has and must not, or lacks and needs, as ALTER ROLE names their right form.</summary>
    public required IReadOnlyList<string> WrongAttributes { get; init; }

    public required string? Comment { get; init; }

    public required string? SearchPath { get; init; }

    public required bool MayConnect { get; init; }

    /// <summary>Whether something on the database was granted to it by name, beyond what everybody has.</summary>
    public required bool HasOwnGrantOnDatabase { get; init; }

    /// <summary>
    /// Roles that made such grants, and as which the administrator can revoke them: those of a former administrator.
    /// </summary>
    public required IReadOnlyList<string> FormerGrantors { get; init; }

    public required bool UsesSchema { get; init; }

    /// <summary>Privileges on the schema beyond USAGE.</summary>
    public required bool HasMoreOnSchema { get; init; }

    /// <summary>The stored verifier; null if this administrator may not see it.</summary>
    public required string? Verifier { get; init; }

    public required bool VerifierVisible { get; init; }

    /// <summary>Other schemas it was granted something on.</summary>
    public required IReadOnlyList<string> ForeignSchemas { get; init; }

    /// <summary>Roles it was made a member of, each with the role that did so.</summary>
    public required IReadOnlyList<(string Group, string Grantor)> Memberships { get; init; }

    /// <summary>Whether the administrator has its rights, and may take over what it owns.</summary>
    public required bool ActsAsRole { get; init; }
}
