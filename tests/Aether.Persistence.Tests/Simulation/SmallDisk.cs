using Aether.Persistence.Storage;

namespace Aether.Persistence.Tests.Simulation;

/// <summary>A disk with limited capacity: full once it is used up, with room again when files are deleted.</summary>
internal sealed class SmallDisk(SimulatedFileSystem files, long capacity) : IFileSystem
{
    private readonly Lock _gate = new();

    public long Capacity { get; set; } = capacity;

    public long Used
    {
        get
        {
            lock (_gate)
                return files.Paths.Sum(path => files.Open(path).Length);
        }
    }

    public long FreeBytes => Math.Max(0, Capacity - Used);

    public IFile Create(string path)
    {
        lock (_gate)
            return new Handle(this, files.Create(path));
    }

    public IFile Open(string path) => new Handle(this, files.Open(path));

    public bool Exists(string path) => files.Exists(path);

    public IReadOnlyList<string> List(string folder) => files.List(folder);

    public void CreateFolder(string folder) => files.CreateFolder(folder);

    public void Rename(string from, string to)
    {
        lock (_gate)
            files.Rename(from, to);
    }

    public void Delete(string path)
    {
        lock (_gate)
            files.Delete(path);
    }

    public void SyncFolder(string folder) => files.SyncFolder(folder);

    public IDisposable? TryLock(string path) => files.TryLock(path);

    private sealed class Handle(SmallDisk disk, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> destination) => file.Read(offset, destination);

        // Like Linux: writes the bytes that fit.
        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            lock (disk._gate)
            {
                var growth = Math.Max(0, offset + source.Length - file.Length);
                var lacking = Math.Max(0, growth - Math.Max(0, disk.Capacity - disk.Used));
                file.Write(offset, source[..(int)Math.Max(0, source.Length - lacking)]);
                if (lacking > 0)
                    throw new IOException("No space left on the small disk (ENOSPC).", DiskError.NoSpace);
            }
        }

        public void Sync() => file.Sync();

        public void SetLength(long length) => file.SetLength(length);

        public void Dispose() => file.Dispose();
    }
}
