namespace Aether.Persistence.Contracts;

/// <summary>How much a world's state matters; the defaults of most settings follow from it.</summary>
public enum WorldClass
{
    /// <summary>The state outlives pods, nodes and volumes: written ahead, journaled, kept on deletion.</summary>
    Durable,

    /// <summary>The state is in memory, with cheap snapshots only.</summary>
    Ephemeral,
}
