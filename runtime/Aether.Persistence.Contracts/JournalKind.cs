namespace Aether.Persistence.Contracts;

/// <summary>Where a world's journal is stored.</summary>
public enum JournalKind
{
    /// <summary>In the world's PostgreSQL schema.</summary>
    Postgres,

    /// <summary>In a JetStream stream of the world's own.</summary>
    JetStream,
}
