using Microsoft.Win32.SafeHandles;

namespace Aether.Persistence.Storage;

/// <summary>A file of the real file system, read and written at offsets.</summary>
internal sealed class LocalFile(string path, FileMode mode) : IFile
{
    private readonly SafeFileHandle _handle = DiskError.Name(
        mode == FileMode.CreateNew ? "create" : "open",
        path,
        () => File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

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

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(_handle, source, offset);
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

    public void Sync() => DiskError.Name("sync", path, () => Posix.SyncFile(_handle, path));

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

    // .NET reports EFBIG this way: the file system, or RLIMIT_FSIZE, does not let the file grow further.
    private VolumeException CannotGrow(ArgumentOutOfRangeException cause) =>
        Failed("write", new IOException("It may not grow that large (EFBIG).", cause)
        {
            HResult = DiskError.FileTooLarge,
        });

    private VolumeException Failed(string operation, IOException cause) =>
        new(operation, path, cause.HResult, cause) { HResult = cause.HResult };
}
