namespace Aether.Persistence.Contracts;

/// <summary>How important a world's state is; most defaults depend on it.</summary>
public enum WorldClass
{
    /// <summary>
    /// The state outlives pods, nodes and volumes: it is written ahead, journaled, and kept on deletion.
    /// </summary>
    Durable,

    /// <summary>The state is in memory, with cheap snapshots only.</summary>
    Ephemeral,
}
