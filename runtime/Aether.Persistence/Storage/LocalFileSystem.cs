namespace Aether.Persistence.Storage;

/// <summary>A folder of the real file system.</summary>
public sealed class LocalFileSystem : IFileSystem
{
    // File systems on which reads through the page cache see direct writes at once. Others, above all those over a
    // network, are always written through the cache.
    private static readonly string[] CoherentFormats = ["ext2", "ext3", "ext4", "xfs"];

    private readonly string _root;
    private readonly bool _mayBypassCache;

    /// <summary>Uses the folder <paramref name="root"/>, and creates it if it does not exist.</summary>
    public LocalFileSystem(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.GetFullPath(root);
        DiskError.Name("create", _root, () => Directory.CreateDirectory(_root));
        _mayBypassCache = DiskError.Name(
            "examine", _root, () => CoherentFormats.Contains(new DriveInfo(_root).DriveFormat));
    }

    /// <inheritdoc />
    public IFile Create(string path) => new LocalFile(Resolve(path), FileMode.CreateNew, _mayBypassCache);

    /// <inheritdoc />
    public IFile Open(string path) => new LocalFile(Resolve(path), FileMode.Open, _mayBypassCache);

    /// <inheritdoc />
    public bool Exists(string path) => Path.Exists(Resolve(path));

    /// <inheritdoc />
    public IReadOnlyList<string> List(string folder)
    {
        var path = new DirectoryInfo(Resolve(folder));
        return DiskError.Name<IReadOnlyList<string>>("list", path.FullName, () => path.Exists
            ? [.. path.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)]
            : []);
    }

    /// <inheritdoc />
    public void CreateFolder(string folder) =>
        DiskError.Name("create", Resolve(folder), () => Directory.CreateDirectory(Resolve(folder)));

    /// <inheritdoc />
    public void Rename(string from, string to) => DiskError.Name("rename", Resolve(from), () =>
    {
        if (Directory.Exists(Resolve(from)))
            Directory.Move(Resolve(from), Resolve(to));
        else
            File.Move(Resolve(from), Resolve(to), overwrite: true);
    });

    /// <inheritdoc />
    public void Delete(string path) => DiskError.Name("delete", Resolve(path), () => File.Delete(Resolve(path)));

    /// <inheritdoc />
    public void SyncFolder(string folder) =>
        DiskError.Name("sync", Resolve(folder), () => Posix.SyncFolder(Resolve(folder)));

    /// <inheritdoc />
    public long FreeBytes => new DriveInfo(_root).AvailableFreeSpace;

    /// <inheritdoc />
    public IDisposable? TryLock(string path)
    {
        try
        {
            // FileShare.None takes flock(LOCK_EX | LOCK_NB) on Unix; the kernel releases it when the process dies.
            return DiskError.Name("lock", Resolve(path), () =>
                new FileStream(Resolve(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (VolumeException exception) when (exception.Errno == DiskError.WouldBlock)
        {
            return null;
        }
    }

    private string Resolve(string path) => Path.Combine(_root, path);
}
