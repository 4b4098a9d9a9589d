namespace Aether.Operator.Kinds;

/// <summary>
/// One word for the state of a world, for users who read a table. While its stores are ready, it is the phase of its
/// agent.
/// </summary>
internal enum WorldPhase
{
    /// <summary>Not all stores have been provisioned yet.</summary>
    Pending,

    /// <summary>All stores are ready, and no agent is known.</summary>
    Ready,

    /// <summary>As Ready, and an agent opens its volume.</summary>
    Starting,

    /// <summary>As Ready, and an agent waits for the lease of a former writer.</summary>
    Waiting,

    /// <summary>As Ready, and an agent recovers the state.</summary>
    Recovering,

    /// <summary>As Ready, and an agent serves the world.</summary>
    Running,

    /// <summary>As Ready, and its agent drains.</summary>
    Stopping,

    /// <summary>As Ready, and its agent was fenced; the new writer has not reported yet.</summary>
    Fenced,

    /// <summary>As Ready, and its agent could not continue.</summary>
    Failed,

    /// <summary>As Ready, and its writer no longer reports and sent no final report.</summary>
    Silent,

    /// <summary>As Running, and its agent has not reached the journal for 15 s or more.</summary>
    JournalUnreachable,

    /// <summary>All stores were provisioned, and one is unreachable or differs from its desired state.</summary>
    Degraded,

    /// <summary>The spec is invalid; nothing was done.</summary>
    Invalid,

    /// <summary>The operator is paused for this world.</summary>
    Paused,

    /// <summary>The resource is being deleted.</summary>
    Deleting,
}
