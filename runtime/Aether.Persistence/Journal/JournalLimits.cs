using Aether.Persistence.Wal;

namespace Aether.Persistence.Journal;

/// <summary>The sizes that an adapter of <see cref="IJournal"/> must support.</summary>
public static class JournalLimits
{
    /// <summary>Most bytes of a <see cref="LogBlock.Encoded"/>; a reader that finds more has found damage.</summary>
    public const int MaxBlockBytes = BlockHeader.MaxBlockBytes;
}
