namespace Aether.Persistence.Migrations.World;

/// <summary>
/// A function of a world's schema that does what its role may not do itself: it runs with the rights of its owner, the
/// administrator, sees no schema but PostgreSQL's own by an unqualified name, and is the role's alone to call.
/// </summary>
/// <param name="Since">Version of the migration that makes it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Names and types of its arguments.</param>
/// <param name="Types">The types alone, which with the name tell it from others.</param>
/// <param name="Returns">Type of what it returns.</param>
/// <param name="Settings">Settings in force while it runs, as the catalogue writes them.</param>
/// <param name="Body">PL/pgSQL; <c>{schema}</c> stands for the quoted schema.</param>
public sealed record WorldFunction(
    long Since,
    string Name,
    string Arguments,
    string Types,
    string Returns,
    IReadOnlyList<string> Settings,
    string Body)
{
    /// <summary>Its body in a schema; <paramref name="schema"/> is the quoted name.</summary>
    public string BodyIn(string schema) => Body.Replace("{schema}", schema, StringComparison.Ordinal);

    /// <summary>Its name and types in a schema, as GRANT and DROP want them.</summary>
    public string SignatureIn(string schema) => $"{schema}.\"{Name}\"({Types})";

    /// <summary>What makes it where it is not, and lets nobody but its owner call it.</summary>
    public IReadOnlyList<string> StatementsFor(string schema) =>
    [
        $"""
        CREATE FUNCTION {schema}."{Name}"({Arguments}) RETURNS {Returns}
        LANGUAGE plpgsql SECURITY DEFINER {string.Join(' ', Settings.Select(setting => $"SET {setting}"))}
        AS $body${BodyIn(schema)}$body$
        """,
        $"REVOKE ALL ON FUNCTION {SignatureIn(schema)} FROM PUBLIC",
    ];
}
