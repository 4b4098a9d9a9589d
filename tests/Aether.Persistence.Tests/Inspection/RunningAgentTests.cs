using Aether.Persistence.Commits;
using Aether.Persistence.Inspection;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Tests.Inspection;

/// <summary>Inspecting a log while its agent is running.</summary>
public sealed class RunningAgentTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Segment_that_is_deleted_while_it_is_read_is_not_damage(int opening)
    {
        var files = new SimulatedFileSystem(seed: 1);
        using var world = LogWorld.Open(files);
        for (var i = 1; i <= 14; i++)
            world.Append([Mutation.Put(new StateKey("item", $"{i}"), new byte[600])]);
        var oldest = files.Paths.First(path => path.EndsWith(Segment.Extension, StringComparison.Ordinal));
        var dropped = Sequence.None;

        var log = new LogInspector(new WatchedVolume(files, LetGo), LogWorld.WorldId);

        Assert.NotEqual(Sequence.None, dropped);
        Assert.Empty(log.Damages);
        Assert.DoesNotContain(oldest, log.Segments.Select(segment => segment.File));
        Assert.Equal(new Sequence(14), log.Segments[^1].Last);

        // The file becomes that of the next segment.
        void LetGo(string path)
        {
            if (path != oldest || --opening != 0)
                return;
            dropped = new Sequence(10);
            world.Log.DropThrough(dropped);
        }
    }

    private sealed class WatchedVolume(IFileSystem volume, Action<string> opened) : IFileSystem
    {
        public IFile Create(string path) => volume.Create(path);

        public IFile Open(string path)
        {
            var file = volume.Open(path);
            opened(path);
            return file;
        }

        public bool Exists(string path) => volume.Exists(path);

        public IReadOnlyList<string> List(string folder) => volume.List(folder);

        public void CreateFolder(string folder) => volume.CreateFolder(folder);

        public void Rename(string from, string to) => volume.Rename(from, to);

        public void Delete(string path) => volume.Delete(path);

        public void SyncFolder(string folder) => volume.SyncFolder(folder);

        public IDisposable? TryLock(string path) => volume.TryLock(path);
    }
}
