namespace Aether.Persistence.Inspection;

/// <summary>How much of a log was proven by rebuilding the state.</summary>
public enum LogProof
{
    /// <summary>
    /// Nothing beyond checksums and chain: the state before its first commit is not on the volume, or its first blocks
    /// cannot be read.
    /// </summary>
    ChecksumsOnly,

    /// <summary>Everything: it was replayed from the first commit of the world.</summary>
    FromFirstCommit,

    /// <summary>Everything after the newest snapshot on the volume.</summary>
    FromSnapshot,
}
