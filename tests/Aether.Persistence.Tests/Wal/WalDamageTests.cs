using System.Globalization;
using Aether.Persistence.Commits;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Tests.Wal;

public sealed class WalDamageTests
{
    private const string Segment = "wal/00000000000000000001.wal";
    private const int SectorBytes = 512;

    private readonly SimulatedFileSystem _files = new(seed: 1);

    [Fact]
    public void Every_flipped_bit_pattern_in_a_log_is_noticed()
    {
        var end = WriteBlocks(3)[^1];

        for (var offset = 0; offset < end; offset++)
        {
            Flip(offset);
            Assert.Throws<WalCorruptException>(Open);
            Flip(offset);
        }

        Assert.Equal(new Sequence(3), Reopen().State.Sequence);
    }

    [Fact]
    public void Bit_flipped_after_the_end_of_the_log_never_changes_the_recovered_state()
    {
        var end = WriteBlocks(2)[^1];

        for (var offset = end; offset < 4096; offset += 61)
        {
            Flip(offset);
            try
            {
                var log = Open();
                Assert.NotEqual(0, log.TornBytes);
                Assert.Equal(new Sequence(2), log.End!.Value.Last);
            }
            catch (WalCorruptException)
            {
                Flip(offset);
            }
        }
    }

    [Fact]
    public void A_block_that_was_cut_off_anywhere_is_cut_and_reported()
    {
        var ends = WriteBlocks(3);
        var (start, end) = (ends[1], ends[2]);
        byte[] whole = [];
        _files.Damage(Segment, content => whole = content.ToArray());

        for (var cut = start; cut < end; cut++)
        {
            _files.Damage(Segment, content => whole.CopyTo(content));
            _files.Damage(Segment, content => content[cut..].Span.Clear());

            var log = Open();

            Assert.Equal(new Sequence(2), log.End!.Value.Last);
            Assert.Equal(cut > start, log.TornBytes > 0);
        }
    }

    [Fact]
    public void A_block_with_a_sector_that_was_never_written_is_cut_and_reported()
    {
        var ends = WriteBlocks(1, valueBytes: 1800);
        _files.Damage(Segment, content => content.Span[512..1024].Clear());

        var log = Open();

        Assert.Null(log.End);
        Assert.Equal(ends[0] - 64, log.TornBytes);
    }

    [Fact]
    public void Crash_while_a_torn_block_is_cut_leaves_a_torn_block()
    {
        Fault[] faults = [Fault.Kill, Fault.KillDuring, Fault.PowerLoss, Fault.PowerLossAfter, Fault.Error];
        var ends = WriteBlocks(3, valueBytes: 900);
        var (start, end) = (ends[1], ends[2]);

        for (var seed = 0; seed < 500; seed++)
        {
            var fault = faults[seed % faults.Length];
            var torn = _files.Clone(seed);
            torn.Damage(Segment, content => Tear(content.Span[start..end], start, new Random(seed)));
            for (var call = 0; ; call++)
            {
                var files = torn.Clone(seed + call);
                files.Plan(call, fault);
                var opening = Record.Exception(() => Open(files));
                if (!files.Faulted)
                    break;
                Assert.True(opening is PowerLossException or IOException, $"{opening}");
                files.Restart(powerLoss: fault is not (Fault.Kill or Fault.KillDuring));

                var log = Open(files);

                Assert.Equal(new Sequence(2), log.End!.Value.Last);
            }
        }
    }

    [Fact]
    public void Incomplete_block_with_another_after_it_is_damage()
    {
        WriteBlocks(3, valueBytes: 900);
        _files.Damage(Segment, content => content.Span[512..1024].Clear());

        var refusal = Assert.Throws<WalCorruptException>(Open);

        Assert.Equal((Segment, 64L), (refusal.Segment, refusal.Offset));
        Assert.Contains("aether wal repair <volume>", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("aether wal verify /data", refusal.DescribeOn("/data"), StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_missing_at_the_end_of_a_sealed_log_are_damage_and_not_its_end()
    {
        var ends = WriteBlocks(3);
        Open();
        _files.Damage(Segment, content => content.Span[ends[1]..ends[2]].Clear());

        var refusal = Assert.Throws<WalCorruptException>(Open);

        Assert.Equal((Segment, ends[1]), (refusal.Segment, refusal.Offset));
        Assert.Contains("its footer says 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_epoch_that_falls_is_refused()
    {
        using (var log = Open().Start(new Epoch(5), new LogEnd(Sequence.None, Epoch.None, Checksum: null)))
        {
            Append(log, 1, new Epoch(5));
            Append(log, 2, new Epoch(4));
        }

        var refusal = Assert.Throws<WalCorruptException>(Open);

        Assert.Contains("epoch 4 is lower than epoch 5", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_segment_that_is_missing_from_the_middle_is_noticed()
    {
        using (var world = LogWorld.Open(_files))
            for (var i = 0; i < 12; i++)
                world.Append([Put(i, 900)]);
        var segments = _files.Paths.Where(path => path.EndsWith(".wal", StringComparison.Ordinal)).ToList();
        _files.Delete(segments[1]);

        var refusal = Assert.Throws<WalCorruptException>(Open);

        Assert.Equal(segments[2], refusal.Segment);
    }

    [Fact]
    public void A_log_of_another_world_is_refused()
    {
        WriteBlocks(1);

        var refusal = Assert.Throws<WalCorruptException>(() => LogOpening.Open(_files, "another-world", 4096));

        Assert.Contains("another world", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_commit_larger_than_a_segment_gets_one_that_holds_it()
    {
        using (var world = LogWorld.Open(_files))
        {
            world.Append([Put(1, 10)]);
            world.Append([Put(2, 100_000)]);
            world.Append([Put(3, 10)]);
        }

        using var reopened = LogWorld.Open(_files);

        Assert.Equal(new Sequence(3), reopened.State.Sequence);
        Assert.Equal(100_000, reopened.State.Store.Find(new StateKey("item", "2"))!.Value.Value.Length);
    }

    [Fact]
    public void A_reader_beside_the_writer_sees_the_blocks_written_after_it_began()
    {
        using var world = LogWorld.Open(_files, segmentBytes: 1 << 20);
        world.Append([Mutation.Put(new StateKey("item", "1"), new byte[100])]);
        using var reader = world.Log.ReadAfter(Sequence.None).GetEnumerator();
        Assert.True(reader.MoveNext());

        world.Append([Mutation.Put(new StateKey("item", "2"), new byte[100])]);

        Assert.True(reader.MoveNext());
        Assert.Equal(new Sequence(2), reader.Current.Last);
    }

    [Fact]
    public void Dropping_keeps_every_commit_after_the_sequence()
    {
        using var world = LogWorld.Open(_files);
        for (var i = 0; i < 40; i++)
            world.Append([Put(i, 300)]);

        world.Log.DropThrough(new Sequence(25));

        var kept = world.Log.ReadAfter(new Sequence(25)).ToList();
        Assert.Equal(new Sequence(26), kept[0].First);
        Assert.Equal(new Sequence(40), kept[^1].Last);
        Assert.InRange(world.Log.First.Value, 2UL, 26UL);
    }

    private static Mutation Put(int id, int bytes)
    {
        var value = new byte[bytes];
        new Random(id).NextBytes(value);
        return Mutation.Put(new StateKey("item", id.ToString(CultureInfo.InvariantCulture)), value);
    }

    private static void Append(WriteAheadLog log, ulong sequence, Epoch epoch)
    {
        var block = new PendingBlock();
        block.Begin(new Sequence(sequence));
        var draft = CommitDraft.Of(new Commit([Put(1, 10)]));
        var entry = draft.Stamp(DateTimeOffset.UnixEpoch);
        block.Add(draft.Encoded, new Sequence(sequence), entry.CommittedAt);
        block.Seal(StateDigest.Empty);
        var (closed, checksum) = block.Close(epoch, log.End.Checksum ?? 0);
        log.Write(closed);
        log.Sync(closed, checksum);
    }

    /// <summary>Writes blocks of one commit into the first segment; returns the end of each.</summary>
    private List<int> WriteBlocks(int count, int valueBytes = 200)
    {
        var ends = new List<int>();
        var end = SegmentHeader.Size;
        using var world = LogWorld.Open(_files);
        for (var i = 0; i < count; i++)
            world.Append([Put(i, valueBytes)]);
        foreach (var block in world.Log.ReadAfter(Sequence.None))
            ends.Add(end += block.Encoded.Length);
        return ends;
    }

    // Leaves a block like a kill, without its bytes from some point on, or like a loss of power, without some of its
    // sectors.
    private static void Tear(Span<byte> block, int offset, Random random)
    {
        if (random.Next(2) == 0)
        {
            block[random.Next(1, block.Length)..].Clear();
            return;
        }

        for (var lost = random.Next(1, 4); lost > 0; lost--)
        {
            var sector = (offset + random.Next(block.Length)) / SectorBytes * SectorBytes;
            block[Math.Max(0, sector - offset)..Math.Min(block.Length, sector + SectorBytes - offset)].Clear();
        }
    }

    private StoredLog Open() => Open(_files);

    private static StoredLog Open(SimulatedFileSystem files) =>
        LogOpening.Open(files, LogWorld.WorldId, 4096);

    private LogWorld Reopen() => LogWorld.Open(_files);

    private void Flip(int offset) =>
        _files.Damage(Segment, content => content.Span[offset] ^= (byte)(1 << (offset % 8)));
}
