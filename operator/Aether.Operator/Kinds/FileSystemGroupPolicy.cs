namespace Aether.Operator.Kinds;

/// <summary>When to add the agent's fsGroup to a pod that sets none.</summary>
internal enum FileSystemGroupPolicy
{
    /// <summary>If the log is on a claim, whose folder the agent could not write to otherwise.</summary>
    Auto,

    /// <summary>Always.</summary>
    Inject,

    /// <summary>Never: the user makes the log's volume writable for the agent's group.</summary>
    Leave,
}
