using Aether.Persistence.Codec;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Tests.Fuzzing;

/// <summary>
/// The decoders under test, and sound bytes to start from. Each decoder returns, or throws the one exception that it
/// documents.
/// </summary>
internal sealed class Decoders
{
    private static readonly UInt128 World = WorldHash.Of(LogWorld.WorldId);

    private readonly byte[] _segment;
    private readonly SnapshotManifest _manifest;
    private readonly byte[] _chunk;

    private Decoders(byte[] segment, SnapshotManifest manifest, byte[] chunk)
    {
        _segment = segment;
        _manifest = manifest;
        _chunk = chunk;
    }

    public static async Task<Decoders> CreateAsync()
    {
        var files = new SimulatedFileSystem(seed: 1);
        byte[] segment = [];
        using var world = LogWorld.Open(files);
        world.AppendSamples(blocks: 9);
        files.Damage("wal/00000000000000000001.wal", content => segment = content.ToArray());

        var captured = new CapturedWorld(
            new StateView(world.State.Sequence, new Epoch(1), world.State.Store.Digest, world.State.Store.Copy()),
            world.State.Idempotency.Copy(),
            world.State.Idempotency.Forgotten,
            world.State.CommittedAt);
        var manifest = SnapshotWriter.Describe(captured, DateTimeOffset.UnixEpoch);
        var chunks = await SnapshotWriter.Write(captured, LogWorld.WorldId).ToListAsync();
        return new Decoders(segment, manifest, chunks.Single().ToArray());
    }

    /// <summary>
    /// Decodes input derived from <paramref name="seed"/>; returns its size, and how much this thread allocated.
    /// </summary>
    public (int Given, long Allocated) Run(int seed)
    {
        var random = new Random(seed);
        return random.Next(4) switch
        {
            0 => Measure(Mutated(_segment, random, bytes => Mutations.ResealSegment(bytes)), ReadSegment),
            1 => Measure(Mutated(_segment, random, bytes => Mutations.ResealSegment(bytes)), OpenLog),
            2 => Measure(
                Mutated(_segment.AsSpan(SegmentHeader.Size), random, bytes => Mutations.ResealBlock(bytes)),
                ReplayBlock),
            _ => Measure(Mutated(_chunk, random, bytes => Mutations.ResealChunk(bytes)), ReadSnapshot),
        };
    }

    private static byte[] Mutated(ReadOnlySpan<byte> original, Random random, Action<byte[]> reseal)
    {
        var bytes = Mutations.Mutate(original, random);
        if (bytes.Length > BlockHeader.Size && random.Next(3) > 0)
            reseal(bytes);
        return bytes;
    }

    private static (int, long) Measure(byte[] bytes, Action<byte[]> decode)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        decode(bytes);
        return (bytes.Length, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void ReadSegment(byte[] bytes)
    {
        try
        {
            var scanner = new SegmentScanner(new BytesFile(bytes), "segment");
            var header = scanner.ReadHeader(World);
            var end = new LogEnd(new Sequence(unchecked(header.First.Value - 1)), Epoch.None, Checksum: null);
            for (long offset = SegmentHeader.Size; scanner.Read(offset, end, out var block, out end) == ScanStep.Block;)
                offset += block!.Encoded.Length;
            scanner.HasTornFooter();
            scanner.ReadFooter();
        }
        catch (WalCorruptException)
        {
            return;
        }
    }

    // Once with another segment after it, so that the footer is used; and once alone, so that the end is judged.
    private static void OpenLog(byte[] bytes)
    {
        var files = new SimulatedFileSystem(seed: 1);
        using (var file = files.Create("wal/00000000000000000001.wal"))
            file.Write(0, bytes);
        try
        {
            var log = LogOpening.Open(files, LogWorld.WorldId, bytes.Length);
            foreach (var block in log.ReadAfter(Sequence.None))
                new Replayer(new WorldState(LogWorld.Options)).Replay(block, "log");
        }
        catch (Exception refusal) when (refusal is WalCorruptException or RecoveryException)
        {
            return;
        }
    }

    private static void ReplayBlock(byte[] bytes)
    {
        if (!BlockHeader.TryRead(bytes, out var header, out _) || header.BlockLength > bytes.Length)
            return;
        var world = new WorldState(LogWorld.Options);
        if (header.First > Sequence.None)
            world.MoveTo(new Sequence(header.First.Value - 1), DateTimeOffset.UnixEpoch);
        try
        {
            new Replayer(world).Replay(
                BlockCodec.ToBlock(header, bytes.AsMemory(0, header.BlockLength)), "journal");
        }
        catch (RecoveryException)
        {
            return;
        }
    }

    private void ReadSnapshot(byte[] bytes)
    {
        var read = new SnapshotReader(_manifest, LogWorld.Options)
            .ReadAsync(new OneSnapshot(_manifest, [bytes]), CancellationToken.None);
        Assert.True(read.IsCompleted);
        if (read.Exception?.InnerException is { } refusal)
            Assert.IsType<SnapshotDamagedException>(refusal);
    }
}
