namespace Aether.Operator.Kinds;

/// <summary>How soon a change of a critical kind must be safe.</summary>
internal enum CriticalPriority
{
    /// <summary>As Batched.</summary>
    Low,

    /// <summary>As Fsync.</summary>
    Medium,

    /// <summary>As Replicated.</summary>
    High,
}
