using Microsoft.Win32.SafeHandles;

namespace Aether.Persistence.Wal;

/// <summary>A file of the real file system, read and written at offsets.</summary>
internal sealed class LocalFile(string path, FileMode mode) : IFile
{
    private readonly SafeFileHandle _handle =
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    public long Length => RandomAccess.GetLength(_handle);

    public int Read(long offset, Span<byte> destination)
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

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(_handle, source, offset);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw CannotGrow(e);
        }
    }

    public void Sync() => Posix.SyncFile(_handle, path);

    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(_handle, length);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw CannotGrow(e);
        }
    }

    public void Dispose() => _handle.Dispose();

    // The way .NET reports EFBIG: the file system, or RLIMIT_FSIZE, lets the file grow no more.
    private IOException CannotGrow(ArgumentOutOfRangeException cause) =>
        new($"'{path}' may not grow that large (EFBIG).", cause);
}
