using Aether.Persistence.Wal;

namespace Aether.Persistence.Journal;

/// <summary>A block does not continue the journal: a defect, or damage. The agent stops.</summary>
public sealed class JournalGapException(Sequence last, Sequence first)
    : Exception($"The journal ends at {last}, so a block that begins at {first} does not continue it.")
{
    /// <summary>Where the journal ends.</summary>
    public Sequence Last { get; } = last;

    /// <summary>Where the refused block begins.</summary>
    public Sequence First { get; } = first;

    /// <summary>Checks that each of <paramref name="blocks"/> continues the block before it.</summary>
    /// <exception cref="JournalGapException">A block does not.</exception>
    public static void ThrowUnlessDense(IReadOnlyList<LogBlock> blocks)
    {
        for (var i = 1; i < blocks.Count; i++)
        {
            if (blocks[i].First != blocks[i - 1].Last.Next)
                throw new JournalGapException(blocks[i - 1].Last, blocks[i].First);
        }
    }
}
