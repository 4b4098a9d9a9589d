namespace Aether.Persistence.Contracts;

/// <summary>What the runtime of a world is doing; its agent reports the phase.</summary>
public enum RuntimePhase
{
    /// <summary>Not started, or opening its volume.</summary>
    Starting = 1,

    /// <summary>Waiting for the lease of a former writer, or for the store that holds it.</summary>
    Waiting = 2,

    /// <summary>Recovering the state.</summary>
    Recovering = 3,

    /// <summary>Serving the world.</summary>
    Running = 4,

    /// <summary>Draining; accepts no commits.</summary>
    Stopping = 5,

    /// <summary>A newer writer has opened the world. The process must exit.</summary>
    Fenced = 6,

    /// <summary>The runtime cannot continue. The process must exit.</summary>
    Failed = 7,

    /// <summary>Stopped cleanly; in a report, the lease was released as well.</summary>
    Stopped = 8,
}
