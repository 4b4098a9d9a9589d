namespace Aether.Operator.Kinds;

/// <summary>When a commit is acknowledged. A later level includes the earlier ones.</summary>
internal enum DurabilityLevel
{
    /// <summary>Applied to the agent's memory.</summary>
    Memory,

    /// <summary>On the volume within the flush interval.</summary>
    Batched,

    /// <summary>On the volume, synced.</summary>
    Fsync,

    /// <summary>On the volume and in the journal.</summary>
    Replicated,
}
