using System.Diagnostics;
using Aether.Persistence.Codec;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// The log on the volume: segments of blocks, appended and synced one block at a time. One thread appends; others may
/// read what is synced and drop what is obsolete meanwhile.
/// </summary>
internal sealed partial class WriteAheadLog : IDisposable
{
    /// <summary>Folder of the segments.</summary>
    public const string Folder = "wal";

    private readonly IFileSystem _volume;
    private readonly UInt128 _world;
    private readonly long _segmentBytes;
    private readonly long _maxBytes;
    private readonly SegmentFiles _files;
    private readonly List<Segment> _segments = [];  // guarded by itself
    private IFile? _active;
    private Segment? _inUse;  // the writer's: the list may be getting shorter while it appends
    private long _bytes;  // _segments, of which it is the sum
    private long _room;

    private WriteAheadLog(IFileSystem volume, string worldId, long segmentBytes, long maxBytes)
    {
        _segmentBytes = segmentBytes;
        _maxBytes = maxBytes;
        _volume = volume;
        _world = WorldHash.Of(worldId);
        _files = new SegmentFiles(volume, Folder, segmentBytes);
    }

    /// <summary>The first commit it holds; meaningless while it holds none.</summary>
    public Sequence First { get; private set; }

    /// <summary>Where it ends; null while it holds no commit and was not started.</summary>
    public LogEnd? End { get; private set; }

    /// <summary>
    /// Bytes of blocks there is room for, in the segment in use and in those that may still be made beside the spare.
    /// </summary>
    public long Room => Volatile.Read(ref _room);

    /// <summary>Its segments, without the spare, and their bytes.</summary>
    public (int Segments, long Bytes) Usage
    {
        get
        {
            lock (_segments)
                return (_segments.Count, _bytes);
        }
    }

    /// <summary>How long the last sync of a block took; for the thread that appends.</summary>
    public TimeSpan LastSync { get; private set; }

    /// <summary>Whether segments should go: it holds half of what it may, or the volume has no more room.</summary>
    public bool IsLarge => Volatile.Read(ref _bytes) > _maxBytes / 2 || (_shortage is not null && !_files.HasSpare);

    /// <summary>Bytes of an unfinished write that were cut off when it was opened.</summary>
    public long TornBytes { get; private set; }

    /// <summary>
    /// Opens what stands on the volume, cuts off a torn block, and makes sure that the rest is on the disk.
    /// </summary>
    /// <exception cref="WalCorruptException">The log is damaged; nothing was changed.</exception>
    public static WriteAheadLog Open(
        IFileSystem volume, string worldId, long segmentBytes, long maxBytes = long.MaxValue)
    {
        var log = new WriteAheadLog(volume, worldId, segmentBytes, maxBytes);
        log.Open();
        return log;
    }

    /// <summary>
    /// Begins a new segment for the writer of <paramref name="epoch"/>, whose commits follow <paramref name="end"/>.
    /// On a full volume it needs no free byte: it goes on in the last segment, or in the place of a log of which
    /// nothing is needed any more, being <paramref name="dispensable"/> through its end.
    /// </summary>
    public void Start(Epoch epoch, LogEnd end, Sequence dispensable = default)
    {
        if (End is { } own && own.Last != end.Last)
            throw new InvalidOperationException(
                $"The log ends with {own.Last}, a writer cannot go on after {end.Last}.");

        // Whoever recovered from a snapshot alone has seen no block; the log has seen its own.
        var from = end.Checksum is null ? End ?? end : end;
        try
        {
            Create(epoch, from, bytes: 0);
        }
        catch (WalFailedException failure) when (_segments.Count > 0 && DiskError.IsFull(failure.InnerException))
        {
            _shortage = failure.InnerException!.Message;
            if (from.Last > dispensable)
            {
                Resume(from);
                return;
            }

            Clear();
            Create(epoch, from, bytes: 0);
        }
    }

    /// <summary>
    /// Writes the next block, which is part of the log once it is synced. After a failure the log must not be used any
    /// more.
    /// </summary>
    /// <exception cref="WalFailedException">The block may or may not be on the disk.</exception>
    public void Write(LogBlock block)
    {
        var segment = _inUse!;
        if (segment.End + block.Encoded.Length > segment.FooterOffset)
        {
            Attempt("seal", segment.Path, () => Seal(_active!, segment, End!.Value));
            Create(block.Epoch, End!.Value, SegmentHeader.Size + block.Encoded.Length + SegmentFooter.Size);
            segment = _inUse!;
        }

        try
        {
            _active!.Write(segment.End, block.Encoded.Span);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WalFailedException("write", segment.Path, exception);
        }
    }

    /// <summary>Syncs the block that was written last. After a failure the log must not be used any more.</summary>
    /// <exception cref="WalFailedException">The block may or may not be on the disk.</exception>
    public void Sync(LogBlock block, uint checksum)
    {
        var segment = _inUse!;
        var started = Stopwatch.GetTimestamp();
        try
        {
            _active!.Sync();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WalFailedException("sync", segment.Path, exception);
        }

        LastSync = Stopwatch.GetElapsedTime(started);
        segment.Add(block);
        lock (_segments)
            Measure();
        End = new LogEnd(block.Last, block.Epoch, checksum);
    }

    /// <summary>The synced blocks with a commit after <paramref name="after"/>, in order.</summary>
    public IEnumerable<LogBlock> ReadAfter(Sequence after)
    {
        using var cursor = OpenCursor(after);
        while (cursor.TryRead(out var header, out _, out var encoded))
            yield return BlockCodec.ToBlock(header, encoded.ToArray());
    }

    /// <summary>As <see cref="ReadAfter"/>, without an object for each block.</summary>
    public LogCursor OpenCursor(Sequence after) =>
        new(_volume, _world, after, SegmentAt(after.Next), SegmentFollowing);

    /// <summary>
    /// Lets go of the segments that hold nothing after <paramref name="sequence"/>, except the one in use. Takes a
    /// while, beside which blocks can be appended.
    /// </summary>
    /// <exception cref="WalFailedException">A segment may or may not be there still.</exception>
    public void DropThrough(Sequence sequence)
    {
        while (true)
        {
            Segment oldest;
            lock (_segments)
            {
                if (_segments.Count < 2 || _segments[1].First > sequence.Next)
                    return;
                oldest = _segments[0];
                _segments.RemoveAt(0);
                Measure();
                First = _segments[0].First;
            }

            // Final, as any: the segments after it must not go while it may still be there, and make a gap.
            Attempt("drop", oldest.Path, () => _files.Recycle(oldest));
            lock (_segments)
                Measure();
        }
    }

    /// <summary>Deletes all of it; what it held is elsewhere.</summary>
    public void Clear()
    {
        // From the end, so that a crash in between leaves a log without a gap.
        foreach (var segment in Enumerable.Reverse(_segments))
        {
            _volume.Delete(segment.Path);
            _volume.SyncFolder(Folder);
        }
        Forget();
    }

    /// <summary>Moves all of it to <paramref name="folder"/>, in one step.</summary>
    public void SetAside(string folder)
    {
        _files.DropSpare();
        var parent = folder[..folder.LastIndexOf('/')];
        _volume.CreateFolder(parent);
        _volume.SyncFolder("");
        _volume.Rename(Folder, folder);
        _volume.SyncFolder(parent);
        _volume.SyncFolder("");
        _volume.CreateFolder(Folder);
        _volume.SyncFolder("");
        Forget();
    }

    public void Dispose()
    {
        _active?.Dispose();
        _files.Dispose();
    }

    private void Open()
    {
        _volume.CreateFolder(Folder);
        _files.Open();
        string[] paths =
        [
            .. _volume.List(Folder)
                .Where(name => name.EndsWith(Segment.Extension, StringComparison.Ordinal))
                .Select(name => $"{Folder}/{name}"),
        ];
        LogEnd? end = null;
        foreach (var path in paths)
            end = Read(path, end, isLast: path == paths[^1]);

        // A writer killed between two calls may have left names and blocks that only the page cache knows.
        _volume.SyncFolder(Folder);
        _volume.SyncFolder("");
    }

    private LogEnd Read(string path, LogEnd? end, bool isLast)
    {
        using var file = _volume.Open(path);
        var scanner = new SegmentScanner(file, path);
        var header = scanner.ReadHeader(_world);
        if (end is { } before && !before.CanPrecede(header))
            throw new WalCorruptException(
                path, 0, $"it begins with commit {header.First}, but the segment before it ends with {before.Last}.");

        if (isLast)
            return ReadLast(
                path, file, scanner, header.First,
                end ?? new LogEnd(new Sequence(header.First.Value - 1), header.Epoch, header.Previous));

        var footer = scanner.ReadFooter()
            ?? throw new WalCorruptException(
                path, file.Length - SegmentFooter.Size, "its footer is missing, but the log goes on after it.");
        Take(new Segment(path, header.First, file.Length, footer));
        End = footer.Last;
        return footer.Last;
    }

    // The last segment is the one a crash can have left unfinished, so it is read from end to end. What is read may
    // stand in the page cache only: after a failed fsync even as clean pages, which a sync would not write again.
    // Writing the last block once more makes it dirty, so that the sync means something.
    private LogEnd ReadLast(string path, IFile file, SegmentScanner scanner, Sequence first, LogEnd end)
    {
        var segment = new Segment(path, first, file.Length);
        LogBlock? last = null;
        while (scanner.Read(segment.End, end, out var block, out end) == ScanStep.Block)
            segment.Add(last = block!);

        // Blocks that are zeros now look like the end; a footer from before remembers them.
        var hasTornFooter = scanner.HasTornFooter();
        if (!hasTornFooter && scanner.ReadFooter() is { } footer && footer.Last.Last != end.Last)
            throw new WalCorruptException(
                path, segment.End, $"the log ends here with commit {end.Last}, its footer says {footer.Last.Last}.");
        Take(segment);

        TornBytes = scanner.TornBytes + (hasTornFooter ? SegmentFooter.Size : 0);
        if (scanner.TornBytes > 0)
            Cut(file, segment.End, scanner.TornBytes);
        if (last is not null)
        {
            End = end;
            file.Write(segment.End - last.Encoded.Length, last.Encoded.Span);

            // Before the footer: it must never say more than the disk holds.
            file.Sync();
            Seal(file, segment, end);
        }
        else
        {
            file.Sync();
        }

        return end;
    }

    // The header last, once the rest is zeros on the disk: what a crash in between leaves is torn still, not damaged.
    private static void Cut(IFile file, long offset, long bytes)
    {
        var header = Math.Min(bytes, BlockHeader.Size);
        file.Write(offset + header, new byte[bytes - header]);
        file.Sync();
        file.Write(offset, new byte[header]);
    }

    private void Take(Segment segment)
    {
        _segments.Add(segment);
        First = _segments[0].First;
    }

    private static void Seal(IFile file, Segment segment, LogEnd end)
    {
        Span<byte> footer = stackalloc byte[SegmentFooter.Size];
        segment.ToFooter(end).Write(footer);
        file.Write(segment.FooterOffset, footer);
        file.Sync();
    }

    private void Create(Epoch epoch, LogEnd end, long bytes)
    {
        var first = end.Last.Next;
        var path = $"{Folder}/{Segment.NameOf(first)}{Segment.Extension}";
        var header = new SegmentHeader
        {
            Previous = end.Checksum ?? LogEnd.NoChecksum,
            World = _world,
            Epoch = epoch,
            First = first,
        };
        Attempt("create", path, () =>
        {
            _active?.Dispose();
            _active = _files.Make(path, header, bytes);

            // Now, not when the spare is made in the background: until then more commits could be taken than there is
            // room for.
            _shortage = _files.WhyNoSpare() ?? _shortage;
        });
        lock (_segments)
        {
            // An earlier writer may have left a segment of this name, without a block in it.
            if (_segments is [.., var former] && former.First == first)
                _segments.RemoveAt(_segments.Count - 1);
            _segments.Add(_inUse = new Segment(path, first, _active!.Length));
            Measure();
            First = _segments[0].First;
        }

        End = end;
    }

    private Segment? SegmentAt(Sequence sequence)
    {
        lock (_segments)
            return _segments.FindLast(segment => segment.First <= sequence) ?? _segments.FirstOrDefault();
    }

    private Segment? SegmentFollowing(Segment segment)
    {
        lock (_segments)
            return _segments.Find(other => other.First > segment.First);
    }

    private void Forget()
    {
        _segments.Clear();
        First = Sequence.None;
        End = null;
    }

    // Whatever failed, an allocation too: what the volume holds is not known any more, and the log must not be used.
    private static void Attempt(string operation, string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            throw new WalFailedException(operation, path, exception);
        }
    }
}
