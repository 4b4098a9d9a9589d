using Aether.Persistence.Storage;
using Microsoft.Win32.SafeHandles;

namespace Aether.Persistence.Inspection;

/// <summary>
/// A world's volume, or a copy of it, opened only for reading; a read-only mount is enough. Members that would change
/// something throw <see cref="NotSupportedException"/>.
/// </summary>
public sealed class ReadOnlyVolume : IFileSystem
{
    private readonly string _root;

    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public ReadOnlyVolume(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.GetFullPath(root);
        if (!Directory.Exists(_root))
            throw new DirectoryNotFoundException($"'{root}' is not a folder.");
    }

    /// <inheritdoc />
    public IFile Create(string path) => throw Refused();

    /// <inheritdoc />
    public IFile Open(string path) => new ReadOnlyFile(Path.Combine(_root, path));

    /// <inheritdoc />
    public bool Exists(string path) => Path.Exists(Path.Combine(_root, path));

    /// <inheritdoc />
    public IReadOnlyList<string> List(string folder)
    {
        var path = new DirectoryInfo(Path.Combine(_root, folder));
        return path.Exists
            ? [.. path.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <inheritdoc />
    public void CreateFolder(string folder) => throw Refused();

    /// <inheritdoc />
    public void Rename(string from, string to) => throw Refused();

    /// <inheritdoc />
    public void Delete(string path) => throw Refused();

    /// <inheritdoc />
    public void SyncFolder(string folder) => throw Refused();

    /// <summary>As on a writable volume; but if the lock file was never created, no agent can hold the lock.</summary>
    public IDisposable? TryLock(string path)
    {
        var full = Path.Combine(_root, path);
        if (!File.Exists(full))
            return new MemoryStream();
        try
        {
            return new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.None);
        }
        catch (IOException exception) when (DiskError.Of(exception) == DiskError.WouldBlock)
        {
            return null;
        }
    }

    private static NotSupportedException Refused() => new("This volume was opened for reading only.");

    private sealed class ReadOnlyFile(string path) : IFile
    {
        // Shares the file with writers: an agent may be writing to it.
        private readonly SafeFileHandle _handle = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        public long Length => RandomAccess.GetLength(_handle);

        public int Read(long offset, Span<byte> destination)
        {
            var total = 0;
            while (total < destination.Length
                && RandomAccess.Read(_handle, destination[total..], offset + total) is var read and > 0)
                total += read;
            return total;
        }

        public void Write(long offset, ReadOnlySpan<byte> source) => throw Refused();

        public void Sync() => throw Refused();

        public void SetLength(long length) => throw Refused();

        public void Dispose() => _handle.Dispose();
    }
}
