using Aether.Persistence.Commits;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Wal;

namespace Aether.Persistence.Tests.Storage;

public sealed class UncachedWriteTests : IDisposable
{
    private const int Kibibyte = 1 << 10;
    private const int Mebibyte = 1 << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aether-uncached-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Cached_and_uncached_writes_anywhere_in_a_file_read_back_as_written(int seed)
    {
        var random = new Random(seed);
        var expected = new byte[6 * Mebibyte];
        using var file = new LocalFile(Path, FileMode.CreateNew, mayBypassCache: true);
        using var reader = new LocalFile(Path, FileMode.Open, mayBypassCache: true);
        file.WriteUncached(0, expected);

        for (var write = 0; write < 60; write++)
        {
            var bytes = new byte[write % 3 == 0 ? random.Next(8 * Kibibyte) : random.Next(2 * Mebibyte + 2)];
            random.NextBytes(bytes);
            var offset = random.Next(expected.Length - bytes.Length);
            offset = write % 4 == 0 ? offset & -4096 : offset;
            bytes.CopyTo(expected, offset);
            if (write % 2 == 0)
                file.WriteUncached(offset, bytes);
            else
                file.Write(offset, bytes);

            var from = Math.Max(0, offset - (8 * Kibibyte));
            var read = new byte[Math.Min(bytes.Length + (16 * Kibibyte), expected.Length - from)];
            reader.Read(from, read);
            Assert.True(read.AsSpan().SequenceEqual(expected.AsSpan(from, read.Length)), $"write {write}");
        }

        file.Sync();
        Assert.Equal(expected.Length, file.Length);
        Assert.True(File.ReadAllBytes(Path).AsSpan().SequenceEqual(expected));
    }

    [Fact]
    public void Uncached_write_makes_a_file_grow_to_its_exact_end()
    {
        var bytes = new byte[Mebibyte + 12_345];
        Random.Shared.NextBytes(bytes);
        using var file = new LocalFile(Path, FileMode.CreateNew, mayBypassCache: true);

        file.WriteUncached(777, bytes);

        Assert.Equal(777 + bytes.Length, file.Length);
        Assert.Equal([.. new byte[777], .. bytes], File.ReadAllBytes(Path));
    }

    [Fact]
    public void Device_without_direct_writes_is_written_through_the_cache()
    {
        using var handle = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        var writer = new UncachedWriter(handle);

        Assert.False(Posix.TrySetDirect(handle));
        writer.Write(0, new byte[3 * Mebibyte]);
        writer.Write(123, new byte[3 * Mebibyte]);
    }

    [Fact]
    public void Write_after_an_uncached_one_may_have_any_address_and_length()
    {
        using var file = new LocalFile(Path, FileMode.CreateNew, mayBypassCache: true);
        file.WriteUncached(0, new byte[Mebibyte]);

        file.Write(1, "abc"u8);

        var read = new byte[5];
        file.Read(0, read);
        Assert.Equal("\0abc\0"u8, read);
    }

    // The kernel may read pages ahead for the reader that the writer is about to write past the cache.
    [Fact]
    public async Task Reader_beside_the_writer_sees_every_large_block_at_once()
    {
        const int Blocks = 150;
        var files = new LocalFileSystem(_folder.FullName);
        using var world = LogWorld.Open(files, segmentBytes: 4 * Mebibyte);
        var written = 0L;
        var reading = Task.Run(
            () =>
            {
                var (last, reads) = (Sequence.None, 0);
                while (last.Value < Blocks)
                {
                    var least = Interlocked.Read(ref written);
                    foreach (var block in world.Log.ReadAfter(last))
                        (last, reads) = (block.Last, reads + 1);
                    Assert.InRange((long)last.Value, least, Blocks);
                }
                return reads;
            },
            TestContext.Current.CancellationToken);

        var random = new Random(1);
        for (var i = 1; i <= Blocks; i++)
        {
            var value = new byte[i % 5 == 0 ? 100 : random.Next(250 * Kibibyte, 900 * Kibibyte)];
            random.NextBytes(value);
            world.Append(new Commit([Mutation.Put(new StateKey("item", $"{i % 4}"), value)]));
            Interlocked.Exchange(ref written, i);
        }

        Assert.Equal(Blocks, await reading);
    }
}
