namespace Aether.Operator.Kinds;

/// <summary>One word for a world's conditions, for people reading a table.</summary>
internal enum WorldPhase
{
    /// <summary>Its stores are not all there yet.</summary>
    Pending,

    /// <summary>Its stores are there and as they should be.</summary>
    Ready,

    /// <summary>Its stores were there, and one is out of reach or not as it should be.</summary>
    Degraded,

    /// <summary>The spec is refused; nothing was done.</summary>
    Invalid,

    /// <summary>The operator keeps its hands off.</summary>
    Paused,

    /// <summary>The resource is being deleted.</summary>
    Deleting,
}
