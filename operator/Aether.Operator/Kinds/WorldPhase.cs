namespace Aether.Operator.Kinds;

/// <summary>
/// One word for how a world is, for people reading a table: while its stores are in order, what its agent does.
/// </summary>
internal enum WorldPhase
{
    /// <summary>Its stores are not all there yet.</summary>
    Pending,

    /// <summary>Its stores are there and as they should be, and no agent is known of.</summary>
    Ready,

    /// <summary>As Ready, and an agent opens its volume.</summary>
    Starting,

    /// <summary>As Ready, and an agent waits for the lease of a former writer.</summary>
    Waiting,

    /// <summary>As Ready, and an agent brings the state back.</summary>
    Recovering,

    /// <summary>As Ready, and an agent serves it.</summary>
    Running,

    /// <summary>As Ready, and its agent drains.</summary>
    Stopping,

    /// <summary>As Ready, and its agent was overtaken; none that took over has been heard of yet.</summary>
    Fenced,

    /// <summary>As Ready, and its agent could not go on.</summary>
    Failed,

    /// <summary>As Ready, and its writer no longer reports without having sent a final report.</summary>
    Silent,

    /// <summary>As Running, and its agent has not reached the journal for 15 s or more.</summary>
    JournalUnreachable,

    /// <summary>Its stores were there, and one is out of reach or not as it should be.</summary>
    Degraded,

    /// <summary>The spec is refused; nothing was done.</summary>
    Invalid,

    /// <summary>The operator keeps its hands off.</summary>
    Paused,

    /// <summary>The resource is being deleted.</summary>
    Deleting,
}
