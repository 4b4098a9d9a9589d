using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>Sound blocks that follow each other within one segment.</summary>
/// <param name="File">The segment.</param>
/// <param name="From">Where they begin.</param>
/// <param name="To">Where they end.</param>
/// <param name="Before">What they follow.</param>
/// <param name="End">The last of them.</param>
/// <param name="IsWhole">Whether they are all that the segment should hold, so that it can stay as it is.</param>
internal sealed record LogPiece(string File, long From, long To, LogEnd Before, LogEnd End, bool IsWhole)
{
    public bool IsEmpty => From == To;
}
