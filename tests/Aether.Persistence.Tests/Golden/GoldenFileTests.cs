using Aether.Persistence.Codec;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Wal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Tests.Golden;

/// <summary>
/// A log and a snapshot of format version 1, written when the format was settled (docs/formats). Later versions must
/// read them; this version must still write them byte for byte.
/// </summary>
public sealed class GoldenFileTests : IDisposable
{
    // If set to a folder, the present files are written there: for a new version of a format, beside the old files.
    private const string WriteVariable = "AETHER_WRITE_GOLDEN";
    private const string First = "wal/00000000000000000001.wal";
    private const string Second = "wal/00000000000000000004.wal";
    private const string Third = "wal/00000000000000000006.wal";

    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Golden", "v1");

    private readonly string _folder = Directory.CreateTempSubdirectory("aether-golden-").FullName;
    private readonly LocalFileSystem _files;

    public GoldenFileTests()
    {
        foreach (var path in Paths())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, path))!);
            File.Copy(Path.Combine(Golden, path), Path.Combine(_folder, path));
        }

        _files = new LocalFileSystem(_folder);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Todays_writer_writes_the_same_bytes()
    {
        var written = await GoldenWorld.WriteAsync(Cancellation);
        if (Environment.GetEnvironmentVariable(WriteVariable) is { Length: > 0 } folder)
            Write(written, folder);

        Assert.Equal(Paths(), written.Keys.Order(StringComparer.Ordinal));
        foreach (var (path, bytes) in written)
            Assert.True(bytes.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Golden, path))), path);
    }

    [Fact]
    public void Golden_log_recovers_to_the_state_that_was_written()
    {
        using var world = LogWorld.Open(_files);

        Assert.Equal(new Sequence(6), world.State.Sequence);
        Assert.Equal("267df7fe5c4b836988fd6da9b2f644d1", world.State.Store.Digest.ToString());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(6), world.State.CommittedAt);
        Assert.Equal(4, world.State.Store.Count);
        Assert.Null(world.State.Store.Find(new StateKey("item", "1")));
        AssertValue(world.State.Store, new StateKey("player", "ñandú"), GoldenWorld.Text("run"), 2);
        AssertValue(world.State.Store, new StateKey("item", "2"), GoldenWorld.Text("of epoch 2"), 6);
        AssertValue(world.State.Store, new StateKey("item", "3"), GoldenWorld.Large, 4);
        AssertValue(world.State.Store, new StateKey("item", "4"), GoldenWorld.Text("after the rotation"), 5);
        AssertIdempotencyKey(world.State);
    }

    [Fact]
    public void Golden_segments_have_the_headers_and_footers_of_their_place()
    {
        var (first, firstFooter) = ReadEnds(First);
        var (second, secondFooter) = ReadEnds(Second);
        var (third, thirdFooter) = ReadEnds(Third);

        Assert.Equal((LogEnd.NoChecksum, WorldHash.Of(GoldenWorld.WorldId)), (first.Previous, first.World));
        Assert.Equal((new Epoch(1), new Sequence(1)), (first.Epoch, first.First));
        Assert.Equal((new Epoch(1), new Sequence(4)), (second.Epoch, second.First));
        Assert.Equal((new Epoch(2), new Sequence(6)), (third.Epoch, third.First));
        Assert.Equal((2UL, new Sequence(3), new Epoch(1)), Describe(firstFooter!));
        Assert.Equal((2UL, new Sequence(5), new Epoch(1)), Describe(secondFooter!));
        Assert.Equal(firstFooter!.Last.Checksum, second.Previous);
        Assert.Equal(secondFooter!.Last.Checksum, third.Previous);
        Assert.Equal(
            [new BlockPosition(new Sequence(1), 64), new BlockPosition(new Sequence(3), 233)], firstFooter.Index);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(2), firstFooter.FirstWrittenAt);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(3), firstFooter.LastWrittenAt);
        Assert.Equal(324, firstFooter.End);
        Assert.Null(thirdFooter);
    }

    [Fact]
    public void Golden_blocks_hold_the_commits_that_were_written()
    {
        var log = LogOpening.Open(_files, GoldenWorld.WorldId, 4096);

        var blocks = log.ReadAfter(Sequence.None).ToList();

        Assert.Equal(
            [(1UL, 2UL, 1UL), (3UL, 3UL, 1UL), (4UL, 4UL, 1UL), (5UL, 5UL, 1UL), (6UL, 6UL, 2UL)],
            blocks.Select(block => (block.First.Value, block.Last.Value, block.Epoch.Value)));
        Assert.Equal(
            [2, 3, 4, 5, 6], blocks.Select(block => (block.WrittenAt - DateTimeOffset.UnixEpoch).TotalMilliseconds));
        AssertFirstBlock(blocks[0]);
    }

    [Fact]
    public async Task Golden_snapshot_holds_the_state_of_its_commit()
    {
        var store = new FileSnapshotStore(_files);

        var manifest = Assert.Single(await store.ListAsync(Cancellation));
        var world = await new SnapshotReader(manifest, LogWorld.Options).ReadAsync(store, Cancellation);

        Assert.Equal((new Sequence(5), new Epoch(1), 1), (manifest.Sequence, manifest.Epoch, manifest.FormatVersion));
        Assert.Equal((GoldenWorld.CapturedAt, 4UL), (manifest.CapturedAt, manifest.Keys));
        Assert.Equal((manifest.Digest, new Sequence(5)), (world.Store.Digest, world.Sequence));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(5), world.CommittedAt);
        AssertValue(world.Store, new StateKey("item", "2"), [], 2);
        AssertValue(world.Store, new StateKey("item", "3"), GoldenWorld.Large, 4);
        AssertIdempotencyKey(world);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<string> Paths() => Directory.EnumerateFiles(Golden, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Golden, path))
        .Order(StringComparer.Ordinal);

    private static void Write(IReadOnlyDictionary<string, byte[]> files, string folder)
    {
        foreach (var (path, bytes) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            File.WriteAllBytes(Path.Combine(folder, path), bytes);
        }
    }

    private static void AssertFirstBlock(LogBlock block)
    {
        Assert.True(BlockHeader.TryRead(block.Encoded.Span, out var header, out _));
        Assert.Equal(LogEnd.NoChecksum, header.Previous);
        var source = block.Encoded.Span;
        var changes = new List<StateChange>();
        var entries = new EntryReader(source, 0, header, changes);
        Assert.True(entries.TryRead(out var one));
        Assert.Equal((DateTimeOffset.UnixEpoch.AddMilliseconds(1), 0), (one.CommittedAt, one.KeyLength));
        Assert.Equal(new StateKey("item", "1"), EncodedKey.Decode(changes[0].KeyIn(source)));
        Assert.Equal("one"u8, changes[0].ValueIn(source));
        changes.Clear();
        Assert.True(entries.TryRead(out var two));
        Assert.Equal("once"u8, two.KeyIn(source));
        Assert.Equal((2, 2), (two.Changes, changes.Count));
        Assert.Equal(0, changes[1].ValueIn(source).Length);
        Assert.False(entries.TryRead(out _));
    }

    private static void AssertValue(StateStore store, StateKey key, byte[] value, ulong version)
    {
        var found = Assert.NotNull(store.Find(key));
        Assert.Equal(value, found.Value.ToArray());
        Assert.Equal(new Sequence(version), found.Version);
    }

    private static void AssertIdempotencyKey(WorldState world)
    {
        var entry = Assert.Single(world.Idempotency.Copy());
        Assert.Equal("once"u8, entry.Key.Span);
        Assert.Equal((new Sequence(2), new Epoch(1)), (entry.Sequence, entry.Epoch));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(2), entry.CommittedAt);
        Assert.Equal("07a55dea7f33684ad3ea9177bdb75e2c", entry.ContentHash.ToString("x32", null));
    }

    private static (ulong Blocks, Sequence Last, Epoch Epoch) Describe(SegmentFooter footer) =>
        (footer.Blocks, footer.Last.Last, footer.Last.Epoch);

    private (SegmentHeader Header, SegmentFooter? Footer) ReadEnds(string path)
    {
        using var file = _files.Open(path);
        var scanner = new SegmentScanner(file, path);
        return (scanner.ReadHeader(WorldHash.Of(GoldenWorld.WorldId)), scanner.ReadFooter());
    }
}
