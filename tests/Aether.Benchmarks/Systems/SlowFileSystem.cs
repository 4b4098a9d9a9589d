using Aether.Persistence.Storage;

namespace Aether.Benchmarks.Systems;

/// <summary>A file system whose syncs take longer, as on a slow disk.</summary>
internal sealed class SlowFileSystem(IFileSystem inner, TimeSpan delay) : IFileSystem
{
    public IFile Create(string path) => new SlowFile(inner.Create(path), delay);

    public IFile Open(string path) => new SlowFile(inner.Open(path), delay);

    public bool Exists(string path) => inner.Exists(path);

    public IReadOnlyList<string> List(string folder) => inner.List(folder);

    public void CreateFolder(string folder) => inner.CreateFolder(folder);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void Delete(string path) => inner.Delete(path);

    public void SyncFolder(string folder)
    {
        inner.SyncFolder(folder);
        Wait(delay);
    }

    public IDisposable? TryLock(string path) => inner.TryLock(path);

    // Like a disk, this blocks the syncing thread without using a processor.
#pragma warning disable RS0030
    private static void Wait(TimeSpan delay) => Thread.Sleep(delay);
#pragma warning restore RS0030

    private sealed class SlowFile(IFile inner, TimeSpan delay) : IFile
    {
        public long Length => inner.Length;

        public int Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

        public void Write(long offset, ReadOnlySpan<byte> source) => inner.Write(offset, source);

        public void WriteUncached(long offset, ReadOnlySpan<byte> source) => inner.WriteUncached(offset, source);

        public void Sync()
        {
            inner.Sync();
            Wait(delay);
        }

        public void SetLength(long length) => inner.SetLength(length);

        public void Dispose() => inner.Dispose();
    }
}
