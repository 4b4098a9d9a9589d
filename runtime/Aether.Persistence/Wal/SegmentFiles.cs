using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// Creates the files of segments. A file consists of zeros, so that syncing a block changes no metadata. It is created
/// ahead or from a former segment, so that no commit waits for it. Thread-safe.
/// </summary>
/// <remarks>
/// Zeros are written and not only reserved: blocks reserved by fallocate are marked as unwritten, and each fdatasync
/// that turns them into written ones waits for the file system's own journal. A spare gets its name only once its zeros
/// are synced. So a file of that name holds only zeros, except for a header that a crash may have left, which the next
/// header overwrites.
/// </remarks>
internal sealed class SegmentFiles(IFileSystem volume, UInt128 world, long segmentBytes) : IDisposable
{
    private const string Folder = WriteAheadLog.Folder;
    private const string SpareExtension = ".spare";
    private const string SpareName = "next";
    private const int ZeroBytes = 1 << 20;

    // Size of a segment that must be created before a start can proceed, because there is no spare yet.
    private const long SmallBytes = 1 << 20;

    private readonly Lock _gate = new();  // one thread at a time, so that no file is created twice
    private readonly string _spare = $"{Folder}/{SpareName}{SpareExtension}";
    private volatile bool _hasSpare;  // written under _gate

    /// <summary>Bytes of a segment, unless one block needs more.</summary>
    public long SegmentBytes => segmentBytes;

    /// <summary>Released once for each created segment, because a new spare is needed then.</summary>
    public SemaphoreSlim Needed { get; } = new(0);

    /// <summary>Whether the spare, the file of the next segment, exists.</summary>
    public bool HasSpare => _hasSpare;

    /// <summary>Finds the spare of a former agent, and deletes files that it did not finish.</summary>
    public void Open()
    {
        lock (_gate)
        {
            foreach (var name in volume.List(Folder))
                if (name.EndsWith(FileSystemExtensions.TemporaryExtension, StringComparison.Ordinal))
                    volume.Delete($"{Folder}/{name}");
            if (!volume.Exists(_spare))
                return;
            using (var file = volume.Open(_spare))
                _hasSpare = file.Length == segmentBytes;
            if (!_hasSpare)
                volume.Delete(_spare);
        }
    }

    /// <summary>Creates the spare if there is none; returns whether that took room on the volume.</summary>
    public bool PrepareSpare()
    {
        lock (_gate)
        {
            if (_hasSpare)
                return false;
            if (WhyNoSpare() is { } reason)
                throw new IOException(reason, DiskError.NoSpace);
            var temporary = _spare + FileSystemExtensions.TemporaryExtension;
            MakeZeros(temporary, segmentBytes);
            KeepAsSpare(temporary);
            return true;
        }
    }

    /// <summary>
    /// Why the volume has no room for a spare; null if there is a spare, or room for one as far as is known.
    /// </summary>
    public string? WhyNoSpare() =>
        !_hasSpare && volume.FreeBytes is var free && free < segmentBytes
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{free} bytes are free on the volume, but a segment takes {segmentBytes}.")
            : null;

    /// <summary>Turns a former segment into the spare, or deletes it if there is a spare already.</summary>
    public void Recycle(Segment former)
    {
        lock (_gate)
        {
            if (_hasSpare || former.Length != segmentBytes)
            {
                // Sync each deletion before the next: a file system may reorder deletions, and after a crash an earlier
                // segment could then exist while a later one is gone, which would be a gap.
                volume.Delete(former.Path);
                volume.SyncFolder(Folder);
                return;
            }

            // Remove the old name and sync that first: a half-zeroed file must never be mistaken for a segment.
            var temporary = _spare + FileSystemExtensions.TemporaryExtension;
            volume.Rename(former.Path, temporary);
            volume.SyncFolder(Folder);
            if (TryZero(temporary))
                KeepAsSpare(temporary);
        }
    }

    /// <summary>
    /// Creates the segment after <paramref name="end"/> for the writer of <paramref name="epoch"/>, with room for
    /// <paramref name="bytes"/>, from the spare if there is one. Returns it open and durable.
    /// </summary>
    public WritableSegment Make(Epoch epoch, LogEnd end, long bytes)
    {
        var first = end.Last.Next;
        var path = Segment.PathOf(first);
        var header = new SegmentHeader
        {
            Previous = end.Checksum ?? LogEnd.NoChecksum,
            World = world,
            Epoch = epoch,
            First = first,
        };
        var file = MakeFile(path, header, bytes);
        return new WritableSegment(new Segment(path, first, file.Length), file);
    }

    /// <summary>Opens a sealed segment so that blocks can be added to it.</summary>
    /// <remarks>
    /// Blocks carry their own epoch, so a segment may hold blocks of two writers. The footer is erased and synced
    /// first: after a crash it would claim that the log ends before the blocks that are added now.
    /// </remarks>
    public WritableSegment Reopen(Segment former)
    {
        var segment = new WritableSegment(former, volume.Open(former.Path));
        segment.Unseal();
        return segment;
    }

    /// <summary>
    /// Requests a spare, as creating a segment does; for a writer that started without a new segment.
    /// </summary>
    public void RequestSpare() => Needed.Release();

    /// <summary>Deletes the spare.</summary>
    public void DropSpare()
    {
        lock (_gate)
        {
            volume.Delete(_spare);
            _hasSpare = false;
        }
    }

    public void Dispose() => Needed.Dispose();

    private IFile MakeFile(string path, SegmentHeader header, long bytes)
    {
        lock (_gate)
        {
            var source = _spare;
            if (!_hasSpare || bytes > segmentBytes)
            {
                source = path + FileSystemExtensions.TemporaryExtension;
                MakeZeros(source, Math.Max(bytes, Math.Min(segmentBytes, SmallBytes)));
            }
            else
            {
                _hasSpare = false;
            }

            var file = volume.Open(source);
            try
            {
                Span<byte> encoded = stackalloc byte[SegmentHeader.Size];
                header.Write(encoded);
                file.Write(0, encoded);
                file.Sync();
                volume.Rename(source, path);
                volume.SyncFolder(Folder);
                Needed.Release();
                return file;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
    }

    private void KeepAsSpare(string temporary)
    {
        volume.Rename(temporary, _spare);
        volume.SyncFolder(Folder);
        _hasSpare = true;
    }

    private void MakeZeros(string path, long length)
    {
        volume.Delete(path);
        try
        {
            using var file = volume.Create(path);
            WriteZeros(file, length);
            file.Sync();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // On a full disk the unfinished file would take the room that a smaller segment may need at once.
            volume.Delete(path);
            throw;
        }
    }

    // A copy-on-write file system needs free room even for overwriting. If it is full, delete the file instead, which
    // frees room.
    private bool TryZero(string path)
    {
        try
        {
            using var file = volume.Open(path);
            WriteZeros(file, segmentBytes);
            file.Sync();
            return true;
        }
        catch (IOException exception) when (DiskError.IsFull(exception))
        {
            volume.Delete(path);
            volume.SyncFolder(Folder);
            return false;
        }
    }

    private static void WriteZeros(IFile file, long length)
    {
        var zeros = AlignedMemory.Allocate((int)Math.Min(ZeroBytes, length)).Span;
        for (long offset = 0; offset < length; offset += zeros.Length)
            file.WriteUncached(offset, zeros[..(int)Math.Min(zeros.Length, length - offset)]);
    }
}
