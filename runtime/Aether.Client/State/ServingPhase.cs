namespace Aether.Client;

/// <summary>What the agent is doing with the world.</summary>
public enum ServingPhase
{
    /// <summary>A phase that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>The process has started.</summary>
    Starting = 1,

    /// <summary>The agent waits until the lease of a former writer expires.</summary>
    Waiting = 2,

    /// <summary>The agent recovers the state.</summary>
    Recovering = 3,

    /// <summary>The world is served.</summary>
    Running = 4,

    /// <summary>The agent was asked to stop.</summary>
    Stopping = 5,

    /// <summary>A newer writer has opened the world.</summary>
    Fenced = 6,

    /// <summary>The agent cannot serve the world; <see cref="AgentStatus.Detail"/> says why.</summary>
    Failed = 7,
}
