namespace Aether.Operator.Kinds;

/// <summary>Where a world's journal lies.</summary>
internal enum JournalKind
{
    /// <summary>In the world's PostgreSQL schema.</summary>
    Postgres,

    /// <summary>In a JetStream stream of the world's own.</summary>
    JetStream,
}
