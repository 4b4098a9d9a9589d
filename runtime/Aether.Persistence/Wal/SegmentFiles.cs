using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// Makes the files of segments: zeros from end to end, so that syncing a block moves no metadata, and made ahead or
/// out of former segments, so that no commit waits for it. Thread-safe.
/// </summary>
/// <remarks>
/// Zeros are written, not only reserved: blocks reserved by fallocate are marked as unwritten, and turning them into
/// written ones makes each fdatasync wait for the file system's own log. A spare gets its name only once its zeros are
/// synced; whatever has that name is zeros, but for a header that the next one is written over.
/// </remarks>
internal sealed class SegmentFiles(IFileSystem volume, UInt128 world, long segmentBytes) : IDisposable
{
    private const string Folder = WriteAheadLog.Folder;
    private const string SpareExtension = ".spare";
    private const string SpareName = "next";
    private const int ZeroBytes = 1 << 20;

    // The size of a segment that a start must wait for, because there is no spare yet.
    private const long SmallBytes = 1 << 20;

    private readonly Lock _gate = new();  // one of them at a time, also so that nothing is made twice
    private readonly string _spare = $"{Folder}/{SpareName}{SpareExtension}";
    private volatile bool _hasSpare;  // written under _gate

    /// <summary>Bytes of a segment, unless a block needs more.</summary>
    public long SegmentBytes => segmentBytes;

    /// <summary>Released once by each segment made: from then on a spare is needed.</summary>
    public SemaphoreSlim Needed { get; } = new(0);

    /// <summary>Whether the file of the next segment is there.</summary>
    public bool HasSpare => _hasSpare;

    /// <summary>Finds what a former agent left, and deletes the files that it did not finish.</summary>
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

    /// <summary>Makes the spare, if there is none; returns whether it took room on the volume for it.</summary>
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

    /// <summary>Why the volume has no room for a spare; null if there is one, or room as far as is known.</summary>
    public string? WhyNoSpare() =>
        !_hasSpare && volume.FreeBytes is var free && free < segmentBytes
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{free} bytes are free on the volume, a segment takes {segmentBytes}.")
            : null;

    /// <summary>Makes the spare out of a former segment, or deletes that if there is one already.</summary>
    public void Recycle(Segment former)
    {
        lock (_gate)
        {
            if (_hasSpare || former.Length != segmentBytes)
            {
                // Sync the deletion before the next one: a file system may reorder deletions. After a crash an earlier
                // segment could still exist although a later one is gone, which would be a gap.
                volume.Delete(former.Path);
                volume.SyncFolder(Folder);
                return;
            }

            // Remove the old name and sync that first: a half-zeroed file must never be taken for a segment.
            var temporary = _spare + FileSystemExtensions.TemporaryExtension;
            volume.Rename(former.Path, temporary);
            volume.SyncFolder(Folder);
            if (TryZero(temporary))
                KeepAsSpare(temporary);
        }
    }

    /// <summary>
    /// Makes the segment behind <paramref name="end"/> for the writer of <paramref name="epoch"/>, with room for
    /// <paramref name="bytes"/>, out of the spare if there is one; returns it, open and durable.
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
    /// Blocks carry their own epoch, so a segment may hold those of two writers. Its footer is erased first, for good:
    /// after a crash it would say that the log ends before the blocks that are added now.
    /// </remarks>
    public WritableSegment Reopen(Segment former)
    {
        var segment = new WritableSegment(former, volume.Open(former.Path));
        segment.Unseal();
        return segment;
    }

    /// <summary>Has the spare prepared as after each segment made, for a writer that began without a new one.</summary>
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
            // On a full disk the partly written file would hold the room that a smaller segment may need at once.
            volume.Delete(path);
            throw;
        }
    }

    // A copy-on-write file system needs free room even to overwrite. On a full one, delete the file instead, which
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
        var zeros = new byte[Math.Min(ZeroBytes, length)];
        for (long offset = 0; offset < length; offset += zeros.Length)
            file.Write(offset, zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - offset)));
    }
}
