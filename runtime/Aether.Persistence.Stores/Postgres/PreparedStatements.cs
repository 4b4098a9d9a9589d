namespace Aether.Persistence.Stores.Postgres;

/// <summary>Whether the server is asked to keep the statements that are used again and again.</summary>
public enum PreparedStatements
{
    /// <summary>Where the session is the server's own, and not where a pooler is found before it.</summary>
    Auto,

    /// <summary>Never: for a pooler that cannot be told from a server.</summary>
    Never,
}
