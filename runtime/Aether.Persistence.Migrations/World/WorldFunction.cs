namespace Aether.Persistence.Migrations.World;

/// <summary>
/// A function of a world's schema that does what the world's role itself may not do. It runs with the rights of its
/// owner, the administrator; unqualified names in it refer to PostgreSQL's own schema only; and only the role may call
/// it.
/// </summary>
/// <param name="Since">Version of the migration that creates it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Names and types of its arguments.</param>
/// <param name="Types">The types alone, which together with the name identify it.</param>
/// <param name="Returns">Its return type.</param>
/// <param name="Settings">Settings in force while it runs, as the catalogue writes them.</param>
/// <param name="Body">PL/pgSQL; <c>{schema}</c> is replaced by the quoted schema.</param>
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

    /// <summary>Its name and types in a schema, as in GRANT and DROP.</summary>
    public string SignatureIn(string schema) => $"{schema}.\"{Name}\"({Types})";

    /// <summary>The statements that create it if it is missing, and let only its owner call it.</summary>
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
