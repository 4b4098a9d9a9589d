namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A world's schema as the catalogue has it.</summary>
internal sealed record PostgresSchema
{
    public required string? Comment { get; init; }

    /// <summary>Whether the world's own role owns it, and so could do anything in it.</summary>
    public required bool OwnedByRole { get; init; }

    public required bool OpenToPublic { get; init; }

    /// <summary>Its number in the catalogue, which no other schema of the database has.</summary>
    public required uint Id { get; init; }

    /// <summary>Versions of the migrations it has; null if it holds no record of them.</summary>
    public required IReadOnlyCollection<long>? Migrations { get; init; }

    public required IReadOnlyList<PostgresTable> Tables { get; init; }

    public required IReadOnlyList<PostgresFunction> Functions { get; init; }
}
