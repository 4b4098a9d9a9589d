namespace Aether.Operator.Kinds;

/// <summary>When a pod that names no fsGroup gets the agent's.</summary>
internal enum FileSystemGroupPolicy
{
    /// <summary>If the log lies on a claim, whose folder the agent could not write to otherwise.</summary>
    Auto,

    /// <summary>Always.</summary>
    Inject,

    /// <summary>Never: somebody else gives the log's volume to the agent's group.</summary>
    Leave,
}
