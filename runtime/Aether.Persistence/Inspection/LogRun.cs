using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>Consecutive sound blocks, in one or more segments. A sound log is one run.</summary>
internal sealed class LogRun(LogPiece first)
{
    public List<LogPiece> Pieces { get; } = [first];

    /// <summary>The first commit, or the commit that would be the first.</summary>
    public Sequence First => Pieces[0].Before.Last.Next;

    public LogEnd End => Pieces[^1].End;

    /// <summary>Whether the run holds no commit.</summary>
    public bool IsEmpty => Pieces.TrueForAll(piece => piece.IsEmpty);

    /// <summary>The blocks, each with its position.</summary>
    public IEnumerable<(LogBlock Block, string File, long Offset)> Read(IFileSystem volume)
    {
        foreach (var piece in Pieces)
        {
            using var file = volume.Open(piece.File);
            var scanner = new SegmentScanner(file, piece.File);
            var end = piece.Before;
            for (var offset = piece.From; offset < piece.To;)
            {
                if (scanner.Read(offset, end, out var block, out end) != ScanStep.Block)
                    throw new WalCorruptException(piece.File, offset, "a block that was just read is gone.");
                yield return (block!, piece.File, offset);
                offset += block!.Encoded.Length;
            }
        }
    }
}
