namespace Aether.Persistence.Wal;

/// <summary>What a scan found at the place of the next block.</summary>
internal enum ScanStep
{
    /// <summary>A sound block.</summary>
    Block,

    /// <summary>Only zeros, or the end of the file: the log ends here.</summary>
    End,

    /// <summary>An incomplete block, whose writer died: the log ends here, and the block is cut off.</summary>
    Torn,
}
