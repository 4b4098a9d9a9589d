using Aether.Persistence.Wal;

namespace Aether.Persistence.Journal;

/// <summary>What an adapter of <see cref="IJournal"/> must be able to keep, and needs to keep no more than.</summary>
public static class JournalLimits
{
    /// <summary>Most bytes of a <see cref="LogBlock.Encoded"/>; a reader that finds more has found damage.</summary>
    public const int MaxBlockBytes = BlockHeader.MaxBlockBytes;
}
