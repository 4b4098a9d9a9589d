namespace Aether.Persistence.Migrations;

/// <summary>A constraint of a table; a unique index counts as the constraint that would make it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Definition">What follows the name in ALTER TABLE; <c>{schema}</c> stands for the quoted schema.</param>
public sealed record WorldConstraint(string Name, string Definition);
