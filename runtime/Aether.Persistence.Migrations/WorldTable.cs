namespace Aether.Persistence.Migrations;

/// <summary>A table of a world's schema, as the migrations create it.</summary>
/// <param name="Since">Version of the migration that creates the table or this part of it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Constraints">Its constraints and unique indexes.</param>
public sealed record WorldTable(
    long Since, string Name, IReadOnlyList<string> Columns, IReadOnlyList<WorldConstraint> Constraints)
{
    /// <summary>Whether the migration creates the table, instead of changing an existing one.</summary>
    public bool Replaces { get; init; }

    /// <summary>
    /// The statement that recreates a missing table, with <c>{schema}</c> for the quoted schema. Null: the table holds
    /// a part of the world's state, and an empty one would be a loss.
    /// </summary>
    public string? Definition { get; init; }
}
