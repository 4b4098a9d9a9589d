namespace Aether.Persistence.Contracts;

/// <summary>Whether agents use prepared statements on PostgreSQL.</summary>
public enum PreparedStatements
{
    /// <summary>Yes, unless a connection pooler is detected in front of the server.</summary>
    Auto,

    /// <summary>Never: for a pooler that an agent cannot tell from a server.</summary>
    Never,
}
