using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>Sound blocks that follow each other within one segment.</summary>
/// <param name="File">The segment.</param>
/// <param name="From">Where the blocks begin.</param>
/// <param name="To">Where the blocks end.</param>
/// <param name="Before">The end of the block before.</param>
/// <param name="End">The end of the last block.</param>
/// <param name="IsWhole">Whether these are all the blocks of the segment, so that the file can stay unchanged.</param>
internal sealed record LogPiece(string File, long From, long To, LogEnd Before, LogEnd End, bool IsWhole)
{
    public bool IsEmpty => From == To;
}
