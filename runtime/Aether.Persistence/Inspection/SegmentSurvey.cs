using System.Buffers.Binary;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Reads one segment as far as possible: where <see cref="SegmentScanner"/> would give up, it records the damage and
/// searches for the next sound block.
/// </summary>
internal sealed class SegmentSurvey(IFile file, string path, UInt128 world)
{
    private const int PieceBytes = 1 << 20;

    private readonly SegmentScanner _scanner = new(file, path);
    private readonly List<LogDamage> _damages = [];
    private readonly List<LogPiece> _pieces = [];
    private readonly HashSet<BlockPosition> _indexed = [];  // blocks in the footer's index that were not found yet
    private LogBlock? _first;
    private LogBlock? _last;
    private Epoch _lowest = new(ulong.MaxValue);
    private Epoch _highest;
    private ulong _blocks;
    private long _used = SegmentHeader.Size;
    private long _tornBytes;
    private bool _isLast;
    private bool _isBroken;
    private SegmentFooter? _footer;

    public IEnumerable<LogPiece> Pieces => _pieces.Select(piece => piece with { IsWhole = !_isBroken });

    /// <inheritdoc cref="LogSurvey.HighestSeen" />
    public Sequence HighestSeen { get; private set; }

    /// <inheritdoc cref="LogSurvey.EndsInDamage" />
    public bool EndsInDamage { get; private set; }

    /// <summary>
    /// Reads the segment, which should continue <paramref name="before"/>. Returns what the next segment should
    /// continue.
    /// </summary>
    public LogEnd? Read(LogEnd? before, bool isLast)
    {
        _isLast = isLast;
        EndsInDamage = true;
        if (!TryReadHeader(before, out var start))
            return before;

        ReadFooter();
        var end = ReadBlocks(start is { } at ? (SegmentHeader.Size, at) : Resume(SegmentHeader.Size, before), before);
        CheckFooter(end);
        _tornBytes += _scanner.TornBytes;
        return end;
    }

    public SegmentReport Report() => new()
    {
        File = path,
        First = _first?.First ?? Sequence.None,
        Last = _last?.Last ?? Sequence.None,
        LowestEpoch = _blocks > 0 ? _lowest : Epoch.None,
        HighestEpoch = _highest,
        Blocks = _blocks,
        UsedBytes = _used,
        FileBytes = file.Length,
        FirstAt = _first?.WrittenAt,
        LastAt = _last?.WrittenAt,
        State = _damages.Count > 0 ? SegmentState.Damaged
            : _tornBytes > 0 ? SegmentState.Torn
            : _isLast ? SegmentState.Active
            : SegmentState.Sealed,
        TornBytes = _tornBytes,
        Damages = _damages,
    };

    // Returns false if nothing in the segment may be used. Without a start: the header is damaged, but blocks after it
    // may be sound.
    private bool TryReadHeader(LogEnd? before, out LogEnd? start)
    {
        start = null;
        SegmentHeader header;
        try
        {
            header = _scanner.ReadHeader(world);
        }
        catch (WalCorruptException damage)
        {
            Break(damage.Offset, damage.Reason);
            return file.Length >= SegmentHeader.Size + SegmentFooter.Size && !HasSoundHeader();
        }

        start = new LogEnd(new Sequence(header.First.Value - 1), header.Epoch, header.Previous);
        if (!path.EndsWith($"/{Segment.NameOf(header.First)}{Segment.Extension}", StringComparison.Ordinal))
            Break(0, $"its name is not that of a segment that begins with commit {header.First}.");
        if (before is { } end && end.CanPrecede(header))
            start = end;
        else if (before is not null)
            _damages.Add(new LogDamage(
                path, 0,
                $"it begins with commit {header.First}, but the segment before it ends with {before.Value.Last}."));
        return true;
    }

    // A sound header that is refused belongs to another world or to a later version.
    private bool HasSoundHeader()
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        return SegmentHeader.IsSound(bytes[..file.Read(0, bytes)]);
    }

    private void ReadFooter()
    {
        if (_isLast && _scanner.HasTornFooter())
        {
            _tornBytes = SegmentFooter.Size;
            return;
        }
        try
        {
            _footer = _scanner.ReadFooter();
            if (_footer is null && !_isLast)
                Break(_scanner.Limit, "its footer is missing, but more segments follow.");
            _indexed.UnionWith(_footer?.Index ?? []);
            See(_footer?.Last.Last ?? Sequence.None);
        }
        catch (WalCorruptException damage)
        {
            Break(damage.Offset, damage.Reason);
        }
    }

    private LogEnd? ReadBlocks((long Offset, LogEnd End)? start, LogEnd? before)
    {
        while (start is { } at)
        {
            var (offset, end) = at;
            var damaged = Follow(ref offset, ref end);
            _pieces.Add(new LogPiece(path, at.Offset, offset, at.End, end, IsWhole: false));
            EndsInDamage = damaged && _footer is null;
            before = end;
            start = damaged ? Resume(offset, end) : null;
        }
        return before;
    }

    // Only the footer reveals blocks that are missing from the end; other missing blocks are reported elsewhere. In the
    // last segment a crash can leave a footer that is ahead of the blocks; the next agent rewrites it.
    private void CheckFooter(LogEnd? end)
    {
        if (_footer is null || _isBroken || _isLast)
            return;
        if (_footer.Last.Last != end?.Last || _footer.End != _used || (_blocks > 0 && _footer.Last != end))
            Break(
                _scanner.Limit,
                $"its footer says that it ends with commit {_footer.Last.Last} at byte {_footer.End}, "
                + $"its blocks end with commit {end?.Last} at byte {_used}.");
        else if (_footer.Blocks != _blocks || _indexed.Count > 0)
            Break(_scanner.Limit, "the footer's index does not lead to its blocks.");
    }

    // Reads to the end of the blocks; returns true if they end in damage.
    private bool Follow(ref long offset, ref LogEnd end)
    {
        try
        {
            ScanStep step;
            while ((step = _scanner.Read(offset, end, out var block, out end)) == ScanStep.Block)
            {
                Count(block!, offset);
                offset += block!.Encoded.Length;
                _used = offset;
            }
            if (step != ScanStep.Torn || _isLast)
                return false;
            Break(offset, "a block is incomplete, but the log continues after it.");
            return true;
        }
        catch (WalCorruptException damage)
        {
            Break(damage.Offset, damage.Reason);
            return true;
        }
    }

    // Finds the next sound block that can come after the last one. A block from a former use of the file cannot.
    private (long Offset, LogEnd End)? Resume(long from, LogEnd? after)
    {
        foreach (var at in FindMagic(from))
        {
            if (!BlockHeader.TryRead(ReadAt(at, BlockHeader.Size), out var header, out _)
                || (after is { } end && (header.First <= end.Last || header.Epoch < end.Epoch)))
                continue;
            See(header.Last);
            if (header.BlockLength > _scanner.Limit - at
                || !BlockCodec.HasSoundBody(header, ReadAt(at, header.BlockLength)))
                continue;
            var previous = new LogEnd(new Sequence(header.First.Value - 1), header.Epoch, header.Previous);
            return (at, after is { } last && last.WhyNot(header) is null ? last : previous);
        }
        return null;
    }

    // Reads in pieces, because a segment may be larger than the memory. Each piece starts with the last bytes of the
    // piece before, which may be the start of a magic number.
    private IEnumerable<long> FindMagic(long from)
    {
        var magic = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, BlockHeader.Magic);
        for (; from < _scanner.Limit; from += PieceBytes - magic.Length + 1)
        {
            var piece = ReadAt(from, PieceBytes);
            for (var at = 0; piece.AsSpan(at).IndexOf(magic) is var found and >= 0; at++)
            {
                at += found;
                yield return from + at;
            }
        }
    }

    // Returns fewer bytes near the end of the area for blocks.
    private byte[] ReadAt(long offset, int length)
    {
        var bytes = new byte[Math.Min(length, _scanner.Limit - offset)];
        _ = file.Read(offset, bytes);
        return bytes;
    }

    private void Count(LogBlock block, long offset)
    {
        _blocks++;
        _first ??= block;
        _last = block;
        _indexed.Remove(new BlockPosition(block.First, offset));
        if (block.Epoch < _lowest)
            _lowest = block.Epoch;
        if (block.Epoch > _highest)
            _highest = block.Epoch;
        See(block.Last);
    }

    private void See(Sequence commit)
    {
        if (commit > HighestSeen)
            HighestSeen = commit;
    }

    // Records damage of the segment itself, as opposed to a wrong place in the log.
    private void Break(long offset, string reason)
    {
        _isBroken = true;
        _damages.Add(new LogDamage(path, offset, reason));
    }
}
