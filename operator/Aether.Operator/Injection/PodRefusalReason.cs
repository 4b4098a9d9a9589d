namespace Aether.Operator.Injection;

/// <summary>Why pods are refused; also the values of a metric's label.</summary>
internal enum PodRefusalReason
{
    /// <summary>The label names no world.</summary>
    EmptyLabel,

    /// <summary>There is no such world.</summary>
    WorldNotFound,

    /// <summary>The world is being deleted.</summary>
    WorldDeleting,

    /// <summary>The world is paused.</summary>
    WorldPaused,

    /// <summary>The world's spec is refused.</summary>
    WorldInvalid,

    /// <summary>The pod itself can have no agent.</summary>
    PodUnfit,
}
