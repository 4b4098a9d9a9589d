namespace Aether.Persistence;

/// <summary>What a runtime is doing.</summary>
public enum RuntimePhase
{
    /// <summary>Made, not started; or opening its volume.</summary>
    Starting = 1,

    /// <summary>Waiting for the lease of a former writer, or for the store that holds it.</summary>
    Waiting = 2,

    /// <summary>Bringing the state back.</summary>
    Recovering = 3,

    /// <summary>Serving the world.</summary>
    Running = 4,

    /// <summary>Draining; takes no commits.</summary>
    Stopping = 5,

    /// <summary>A newer writer has opened the world. The process must exit.</summary>
    Fenced = 6,

    /// <summary>It cannot go on. The process must exit.</summary>
    Failed = 7,

    /// <summary>Stopped cleanly.</summary>
    Stopped = 8,
}
