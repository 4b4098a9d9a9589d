using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>What a world's agent does, as far as the operator heard: as <see cref="AgentPhase"/>, or silence.</summary>
internal enum WorldAgentPhase
{
    /// <inheritdoc cref="AgentPhase.Starting" />
    Starting,

    /// <inheritdoc cref="AgentPhase.Waiting" />
    Waiting,

    /// <inheritdoc cref="AgentPhase.Recovering" />
    Recovering,

    /// <inheritdoc cref="AgentPhase.Running" />
    Running,

    /// <inheritdoc cref="AgentPhase.Stopping" />
    Stopping,

    /// <inheritdoc cref="AgentPhase.Fenced" />
    Fenced,

    /// <inheritdoc cref="AgentPhase.Failed" />
    Failed,

    /// <summary>The last writer gave the world back, and no agent is there.</summary>
    Stopped,

    /// <summary>The writer has not been heard of for longer than it should, and did not say farewell.</summary>
    Silent,
}
