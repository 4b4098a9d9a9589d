namespace Aether.Persistence.Wal;

/// <summary>What a scan found where the next block should begin.</summary>
internal enum ScanStep
{
    /// <summary>A sound block.</summary>
    Block,

    /// <summary>Nothing but zeros, or the end of the file: the log ends here.</summary>
    End,

    /// <summary>A block that was being written when its writer died: the log ends here, and it is cut off.</summary>
    Torn,
}
