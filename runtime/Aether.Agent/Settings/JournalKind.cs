namespace Aether.Agent.Settings;

/// <summary>Where the journal lies.</summary>
internal enum JournalKind
{
    /// <summary>The world's PostgreSQL schema.</summary>
    Postgres,

    /// <summary>A JetStream stream of the world.</summary>
    JetStream,
}
