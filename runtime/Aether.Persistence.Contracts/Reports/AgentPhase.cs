namespace Aether.Persistence.Contracts;

/// <summary>What an agent says it is doing.</summary>
public enum AgentPhase
{
    /// <summary>Opening its volume.</summary>
    Starting = 1,

    /// <summary>Waiting for the lease of a former writer, or for the store that holds it.</summary>
    Waiting = 2,

    /// <summary>Bringing the state back.</summary>
    Recovering = 3,

    /// <summary>Serving the world.</summary>
    Running = 4,

    /// <summary>Draining; takes no commits.</summary>
    Stopping = 5,

    /// <summary>A newer writer has opened the world; it is about to exit.</summary>
    Fenced = 6,

    /// <summary>It cannot go on, and is about to exit.</summary>
    Failed = 7,

    /// <summary>It gave the world back and is about to exit.</summary>
    Stopped = 8,
}
