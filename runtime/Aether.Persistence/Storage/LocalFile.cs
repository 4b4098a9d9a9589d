using Microsoft.Win32.SafeHandles;

namespace Aether.Persistence.Storage;

/// <summary>A file of the real file system, read and written at offsets.</summary>
internal sealed class LocalFile : IFile
{
    // Smaller writes gain too little, and neighbours in one page of the cache share its cost.
    private const int UncachedBytes = 256 << 10;

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly UncachedWriter? _uncached;

    public LocalFile(string path, FileMode mode, bool mayBypassCache)
    {
        _path = path;
        _handle = DiskError.Name(
            mode == FileMode.CreateNew ? "create" : "open",
            path,
            () => File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
        _uncached = mayBypassCache ? new UncachedWriter(_handle) : null;
    }

    public long Length => RandomAccess.GetLength(_handle);

    public int Read(long offset, Span<byte> destination)
    {
        try
        {
            var total = 0;
            while (total < destination.Length)
            {
                var read = RandomAccess.Read(_handle, destination[total..], offset + total);
                if (read == 0)
                    break;
                total += read;
            }

            return total;
        }
        catch (IOException exception)
        {
            throw Failed("read", exception);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source) => Write(offset, source, null);

    public void WriteUncached(long offset, ReadOnlySpan<byte> source) =>
        Write(offset, source, source.Length >= UncachedBytes ? _uncached : null);

    public void Sync() => DiskError.Name("sync", _path, () => Posix.SyncFile(_handle, _path));

    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(_handle, length);
        }
        catch (IOException exception)
        {
            throw Failed("resize", exception);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw CannotGrow(e);
        }
    }

    public void Dispose() => _handle.Dispose();

    private void Write(long offset, ReadOnlySpan<byte> source, UncachedWriter? uncached)
    {
        try
        {
            if (uncached is null)
                RandomAccess.Write(_handle, source, offset);
            else
                uncached.Write(offset, source);
        }
        catch (IOException exception)
        {
            throw Failed("write", exception);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw CannotGrow(e);
        }
    }

    // .NET reports EFBIG this way: the file system, or RLIMIT_FSIZE, does not let the file grow further.
    private VolumeException CannotGrow(ArgumentOutOfRangeException cause) =>
        Failed("write", new IOException("It may not grow that large (EFBIG).", cause)
        {
            HResult = DiskError.FileTooLarge,
        });

    private VolumeException Failed(string operation, IOException cause) =>
        new(operation, _path, cause.HResult, cause) { HResult = cause.HResult };
}
