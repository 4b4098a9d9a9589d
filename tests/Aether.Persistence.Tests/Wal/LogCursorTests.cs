using Aether.Persistence.Commits;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Simulation;

namespace Aether.Persistence.Tests.Wal;

public sealed class LogCursorTests
{
    [Fact]
    public void Reader_misses_no_block_that_is_added_after_it_has_reached_the_end_of_a_segment()
    {
        var files = new WatchedFiles(new SimulatedFileSystem(seed: 1));
        using var world = LogWorld.Open(files);
        world.Append(Put(1, 10));
        files.AfterRead = () =>
        {
            world.Append(Put(2, 10));
            world.Append(Put(3, 3000));
            world.Append(Put(4, 3000));
        };

        var read = world.Log.ReadAfter(Sequence.None).Select(block => block.First.Value).ToList();
        read.AddRange(world.Log.ReadAfter(new Sequence(read[^1])).Select(block => block.First.Value));

        Assert.Null(files.AfterRead);
        Assert.Equal([1UL, 2, 3, 4], read);
    }

    private static Commit Put(int id, int bytes) =>
        new([Mutation.Put(new StateKey("item", $"{id}"), new byte[bytes])]);

    /// <summary>A file system that calls back once when a file that was read is closed.</summary>
    private sealed class WatchedFiles(IFileSystem inner) : IFileSystem
    {
        public Action? AfterRead { get; set; }

        public IFile Create(string path) => inner.Create(path);

        public IFile Open(string path) => new Watched(this, inner.Open(path));

        public bool Exists(string path) => inner.Exists(path);

        public IReadOnlyList<string> List(string folder) => inner.List(folder);

        public void CreateFolder(string folder) => inner.CreateFolder(folder);

        public void Rename(string from, string to) => inner.Rename(from, to);

        public void Delete(string path) => inner.Delete(path);

        public void SyncFolder(string folder) => inner.SyncFolder(folder);

        public IDisposable? TryLock(string path) => inner.TryLock(path);

        private void Done()
        {
            var call = AfterRead;
            AfterRead = null;
            call?.Invoke();
        }

        private sealed class Watched(WatchedFiles files, IFile file) : IFile
        {
            private bool _wasRead;

            public long Length => file.Length;

            public int Read(long offset, Span<byte> destination)
            {
                _wasRead = true;
                return file.Read(offset, destination);
            }

            public void Write(long offset, ReadOnlySpan<byte> source) => file.Write(offset, source);

            public void Sync() => file.Sync();

            public void SetLength(long length) => file.SetLength(length);

            public void Dispose()
            {
                file.Dispose();
                if (_wasRead)
                    files.Done();
            }
        }
    }
}
