namespace Aether.Persistence.Migrations;

/// <summary>A constraint of a table; a unique index counts as the constraint that would create it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Definition">
/// The text after the name in ALTER TABLE; <c>{schema}</c> is replaced by the quoted schema.
/// </param>
public sealed record WorldConstraint(string Name, string Definition);
