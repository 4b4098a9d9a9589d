using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// The log on a volume as its last writer left it, checked and repaired. Recovery reads it; then it becomes the log of
/// the next writer or is removed. Not thread-safe.
/// </summary>
internal sealed class StoredLog(
    IFileSystem volume, LogSegments segments, SegmentFiles files, long maxBytes, LogEnd? end, long tornBytes)
{
    /// <summary>The first commit in the log; meaningless if there is none.</summary>
    public Sequence First => segments.First;

    /// <summary>End of the log; null if it holds no commit.</summary>
    public LogEnd? End { get; private set; } = end;

    /// <summary>Bytes of an incomplete write that were cut off when the log was opened.</summary>
    public long TornBytes { get; } = tornBytes;

    /// <summary>The blocks with a commit after <paramref name="after"/>, in order.</summary>
    public IEnumerable<LogBlock> ReadAfter(Sequence after) => segments.ReadAfter(after);

    /// <summary>As <see cref="ReadAfter"/>, without an object for each block.</summary>
    public LogCursor OpenCursor(Sequence after) => segments.OpenCursor(after);

    /// <summary>
    /// Drops the segments that hold no commit after <paramref name="sequence"/>, except the last one.
    /// </summary>
    /// <exception cref="WalFailedException">A segment may or may not still exist.</exception>
    public void DropThrough(Sequence sequence)
    {
        while (segments.TryTakeObsolete(sequence, out var obsolete))
            WalFailedException.Guard("drop", obsolete.Path, () => files.Recycle(obsolete));
    }

    /// <summary>Deletes the whole log, whose commits are stored elsewhere.</summary>
    public void Clear()
    {
        // Start at the end, so that a crash in between leaves a log without a gap.
        foreach (var segment in segments.TakeAll().Reverse())
        {
            volume.Delete(segment.Path);
            volume.SyncFolder(WriteAheadLog.Folder);
        }

        End = null;
    }

    /// <summary>Moves the whole log to <paramref name="folder"/>, in one step.</summary>
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
    /// Starts a new segment for the writer of <paramref name="epoch"/>, whose commits follow <paramref name="end"/>.
    /// This object must not be used afterwards. A full volume needs no free byte: the writer continues in the last
    /// segment or, if no commit of the log is needed (it is <paramref name="dispensable"/> up to its end), replaces the
    /// log.
    /// </summary>
    public WriteAheadLog Start(Epoch epoch, LogEnd end, Sequence dispensable = default)
    {
        if (End is { } own && own.Last != end.Last)
            throw new InvalidOperationException(
                $"The log ends with commit {own.Last}, so a writer cannot continue after commit {end.Last}.");

        // A writer that recovered from a snapshot alone has read no block; take the checksum from the log's own last
        // block.
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
