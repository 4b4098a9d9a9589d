using Aether.Persistence.Storage;

namespace Aether.Persistence.Tests.Simulation;

/// <summary>
/// A disk that refuses one call with a Linux error, reported as by <see cref="LocalFileSystem"/>; for errors that a
/// real disk cannot be made to produce at that moment.
/// </summary>
internal sealed class RefusingDisk(IFileSystem inner, int call, int errno) : IFileSystem
{
    private int _left = call;

    /// <summary>Whether the call has been refused.</summary>
    public bool HasRefused => _left < 0;

    /// <summary>The file of that call.</summary>
    public string RefusedFile { get; private set; } = "";

    public IFile Create(string path) => new Handle(this, path, Run("create", path, () => inner.Create(path)));

    public IFile Open(string path) => new Handle(this, path, Run("open", path, () => inner.Open(path)));

    public bool Exists(string path) => inner.Exists(path);

    public IReadOnlyList<string> List(string folder) => Run("list", folder, () => inner.List(folder));

    public void CreateFolder(string folder) => Run("create", folder, () => inner.CreateFolder(folder));

    public void Rename(string from, string to) => Run("rename", from, () => inner.Rename(from, to));

    public void Delete(string path) => Run("delete", path, () => inner.Delete(path));

    public void SyncFolder(string folder) => Run("sync", folder, () => inner.SyncFolder(folder));

    public IDisposable? TryLock(string path) => Run("lock", path, () => inner.TryLock(path));

    private void Run(string operation, string path, Action action) => Run(operation, path, () =>
    {
        action();
        return true;
    });

    private T Run<T>(string operation, string path, Func<T> action)
    {
        if (_left-- != 0)
            return action();
        RefusedFile = path;
        throw new VolumeException(operation, path, errno, new IOException($"error {errno}", errno)) { HResult = errno };
    }

    private sealed class Handle(RefusingDisk disk, string path, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> destination)
        {
            disk.Run("read", path, () => { });
            return file.Read(offset, destination);
        }

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            disk.Run("write", path, () => { });
            file.Write(offset, source);
        }

        public void Sync() => disk.Run("sync", path, file.Sync);

        public void SetLength(long length) => disk.Run("resize", path, () => file.SetLength(length));

        public void Dispose() => file.Dispose();
    }
}
