namespace Aether.Persistence.Inspection;

/// <summary>How much of a log was proven by rebuilding the state.</summary>
public enum LogProof
{
    /// <summary>
    /// Checksums and chain only: the state before the log's first commit is not on the volume, or the first blocks
    /// cannot be read.
    /// </summary>
    ChecksumsOnly,

    /// <summary>Everything: the log was replayed from the first commit of the world.</summary>
    FromFirstCommit,

    /// <summary>Everything after the newest snapshot on the volume.</summary>
    FromSnapshot,
}
