namespace Aether.Operator.Injection;

/// <summary>Reasons for refusing pods; also the values of a metric's label.</summary>
internal enum PodRefusalReason
{
    /// <summary>The label is empty.</summary>
    EmptyLabel,

    /// <summary>The world does not exist.</summary>
    WorldNotFound,

    /// <summary>The world is being deleted.</summary>
    WorldDeleting,

    /// <summary>The world is paused.</summary>
    WorldPaused,

    /// <summary>The world's spec is invalid.</summary>
    WorldInvalid,

    /// <summary>The pod's spec does not allow an agent.</summary>
    PodUnfit,
}
