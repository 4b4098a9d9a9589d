using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>The phase of an agent as known to the operator: a <see cref="RuntimePhase"/> or Silent.</summary>
internal enum WorldAgentPhase
{
    /// <inheritdoc cref="RuntimePhase.Starting" />
    Starting,

    /// <inheritdoc cref="RuntimePhase.Waiting" />
    Waiting,

    /// <inheritdoc cref="RuntimePhase.Recovering" />
    Recovering,

    /// <inheritdoc cref="RuntimePhase.Running" />
    Running,

    /// <inheritdoc cref="RuntimePhase.Stopping" />
    Stopping,

    /// <inheritdoc cref="RuntimePhase.Fenced" />
    Fenced,

    /// <inheritdoc cref="RuntimePhase.Failed" />
    Failed,

    /// <summary>The last writer released the world, and there is no agent.</summary>
    Stopped,

    /// <summary>The writer has not reported for too long and sent no final report.</summary>
    Silent,
}
