using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// The log as its last writer left it on the volume, checked and repaired: recovery reads it, and it either becomes the
/// log of the next writer or is removed. Not thread-safe.
/// </summary>
internal sealed class StoredLog(
    IFileSystem volume, LogSegments segments, SegmentFiles files, long maxBytes, LogEnd? end, long tornBytes)
{
    /// <summary>The first commit it holds; meaningless while it holds none.</summary>
    public Sequence First => segments.First;

    /// <summary>Where it ends; null if it holds no commit.</summary>
    public LogEnd? End { get; private set; } = end;

    /// <summary>Bytes of an unfinished write that were cut off when it was opened.</summary>
    public long TornBytes { get; } = tornBytes;

    /// <summary>The blocks with a commit after <paramref name="after"/>, in order.</summary>
    public IEnumerable<LogBlock> ReadAfter(Sequence after) => segments.ReadAfter(after);

    /// <summary>As <see cref="ReadAfter"/>, without an object for each block.</summary>
    public LogCursor OpenCursor(Sequence after) => segments.OpenCursor(after);

    /// <summary>Drops the segments that hold nothing after <paramref name="sequence"/>, except the last one.</summary>
    /// <exception cref="WalFailedException">A segment may or may not be there still.</exception>
    public void DropThrough(Sequence sequence)
    {
        while (segments.TryTakeObsolete(sequence, out var obsolete))
            WalFailedException.Guard("drop", obsolete.Path, () => files.Recycle(obsolete));
    }

    /// <summary>Deletes all of it; what it held is elsewhere.</summary>
    public void Clear()
    {
        // From the end, so that a crash in between leaves a log without a gap.
        foreach (var segment in segments.TakeAll().Reverse())
        {
            volume.Delete(segment.Path);
            volume.SyncFolder(WriteAheadLog.Folder);
        }

        End = null;
    }

    /// <summary>Moves all of it to <paramref name="folder"/>, in one step.</summary>
    public void SetAside(string folder)
    {
        files.DropSpare();
        var parent = folder[..folder.LastIndexOf('/')];
        volume.CreateFolder(parent);
        volume.SyncFolder("");
        volume.Rename(WriteAheadLog.Folder, folder);
        volume.SyncFolder(parent);
        volume.SyncFolder("");
        volume.CreateFolder(WriteAheadLog.Folder);
        volume.SyncFolder("");
        segments.TakeAll();
        End = null;
    }

    /// <summary>
    /// Begins a new segment for the writer of <paramref name="epoch"/>, whose commits follow <paramref name="end"/>;
    /// this object must not be used after that. On a full volume it needs no free byte: it goes on in the last segment,
    /// or in the place of a log of which nothing is needed any more, being <paramref name="dispensable"/> through its
    /// end.
    /// </summary>
    public WriteAheadLog Start(Epoch epoch, LogEnd end, Sequence dispensable = default)
    {
        if (End is { } own && own.Last != end.Last)
            throw new InvalidOperationException(
                $"The log ends with {own.Last}, a writer cannot go on after {end.Last}.");

        // A writer that recovered from a snapshot alone has seen no block; the log has seen its own.
        var from = end.Checksum is null ? End ?? end : end;
        try
        {
            return WriteAheadLog.Begin(segments, files, maxBytes, epoch, from);
        }
        catch (WalFailedException failure) when (!segments.IsEmpty && DiskError.IsFull(failure.InnerException))
        {
            var shortage = failure.InnerException!.Message;
            if (from.Last > dispensable)
                return WriteAheadLog.Resume(segments, files, maxBytes, from, shortage);

            Clear();
            return WriteAheadLog.Begin(segments, files, maxBytes, epoch, from, shortage);
        }
    }
}
