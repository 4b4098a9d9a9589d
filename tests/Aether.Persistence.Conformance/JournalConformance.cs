using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using static Aether.Persistence.Conformance.TestBlocks;
using static Aether.Persistence.Conformance.TestWorld;

namespace Aether.Persistence.Conformance;

/// <summary>The contract of <see cref="IJournal"/>. Inherit it and return new, empty worlds.</summary>
public abstract class JournalConformance
{
    /// <summary>The lease of a world that never had a writer, and its journal as seen by two agents.</summary>
    protected abstract Task<(IWorldLease Lease, IJournal Journal, IJournal Successor)> CreateWorldAsync();

    /// <summary>
    /// How many commits before the requested sequence a truncation may keep. It never drops more than requested, and
    /// blocks are kept or dropped whole.
    /// </summary>
    protected virtual ulong KeptBefore => 0;

    [Fact]
    public async Task An_empty_journal_has_no_end()
    {
        var (_, journal, _) = await CreateWorldAsync();

        var head = await journal.ReadHeadAsync(Cancellation);

        Assert.Equal(new JournalHead(Sequence.None, Epoch.None, StateDigest.Empty), head);
        Assert.Empty(await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task Blocks_are_read_back_in_order_and_unchanged()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        LogBlock[] blocks = [Block(1, 3), Block(4, 4), Block(5, 300), Block(301, 301)];

        await journal.AppendAsync(epoch, blocks[..2], Cancellation);
        await journal.AppendAsync(epoch, blocks[2..], Cancellation);

        AssertSame(blocks, await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task The_head_is_the_end_of_the_last_block()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        var last = Block(4, 9);

        await journal.AppendAsync(epoch, [Block(1, 3), last], Cancellation);

        Assert.Equal(new JournalHead(last.Last, last.Epoch, last.Digest), await journal.ReadHeadAsync(Cancellation));
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 1)]
    [InlineData(6, 2)]
    [InlineData(9, 3)]
    public async Task Reading_begins_with_the_block_that_holds_the_next_commit(ulong after, int skipped)
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        LogBlock[] blocks = [Block(1, 3), Block(4, 6), Block(7, 9)];
        await journal.AppendAsync(epoch, blocks, Cancellation);

        var read = await CollectAsync(journal.ReadAfterAsync(new Sequence(after), Cancellation));

        AssertSame(blocks[skipped..], read);
    }

    [Fact]
    public async Task Largest_block_is_read_back()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        var block = Block(1, 1, size: 9 << 20);

        await journal.AppendAsync(epoch, [block], Cancellation);

        AssertSame([block], await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task Compressible_blocks_are_read_back_alone_and_among_others()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        LogBlock[] blocks = [Repetitive(1, 4 << 20), Repetitive(2, 5000), Block(3, 3), Repetitive(4, 3), Block(5, 9)];

        await journal.AppendAsync(epoch, blocks[..1], Cancellation);
        await journal.AppendAsync(epoch, blocks[1..], Cancellation);

        AssertSame(blocks, await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task A_block_that_leaves_a_gap_is_refused()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        await journal.AppendAsync(epoch, [Block(1, 3)], Cancellation);

        var refusal = await Assert.ThrowsAsync<JournalGapException>(
            () => journal.AppendAsync(epoch, [Block(5, 5)], Cancellation));

        Assert.Equal((new Sequence(3), new Sequence(5)), (refusal.Last, refusal.First));
        Assert.Equal(new Sequence(3), (await journal.ReadHeadAsync(Cancellation)).Last);
    }

    [Fact]
    public async Task A_first_block_that_is_not_the_first_is_refused()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);

        await Assert.ThrowsAsync<JournalGapException>(() => journal.AppendAsync(epoch, [Block(2, 3)], Cancellation));

        Assert.Equal(Sequence.None, (await journal.ReadHeadAsync(Cancellation)).Last);
    }

    [Fact]
    public async Task Append_with_a_gap_stores_nothing()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);

        await Assert.ThrowsAsync<JournalGapException>(
            () => journal.AppendAsync(epoch, [Block(1, 3), Block(5, 6)], Cancellation));

        Assert.Empty(await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
        Assert.Equal(Sequence.None, (await journal.ReadHeadAsync(Cancellation)).Last);
    }

    [Fact]
    public async Task Repeating_an_append_adds_nothing()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        LogBlock[] blocks = [Block(1, 3), Block(4, 6), Block(7, 9)];
        await journal.AppendAsync(epoch, blocks[..2], Cancellation);

        await journal.AppendAsync(epoch, blocks[..2], Cancellation);
        await journal.AppendAsync(epoch, blocks[1..], Cancellation);

        AssertSame(blocks, await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task A_writer_of_a_former_epoch_is_fenced_before_the_new_one_has_written()
    {
        var (lease, journal, successor) = await CreateWorldAsync();
        var former = await OpenAsync(lease, journal);
        await journal.AppendAsync(former, [Block(1, 3)], Cancellation);
        var current = await SucceedAsync(lease, former, successor);

        var fenced = await Assert.ThrowsAsync<FencedException>(
            () => journal.AppendAsync(former, [Block(4, 4)], Cancellation));

        Assert.Equal((former, current), (fenced.Own, fenced.Current));
        Assert.Equal(new Sequence(3), (await successor.ReadHeadAsync(Cancellation)).Last);
    }

    [Fact]
    public async Task A_writer_of_a_former_epoch_is_fenced_even_when_it_repeats_an_append()
    {
        var (lease, journal, successor) = await CreateWorldAsync();
        var former = await OpenAsync(lease, journal);
        await journal.AppendAsync(former, [Block(1, 3)], Cancellation);
        await SucceedAsync(lease, former, successor);

        await Assert.ThrowsAsync<FencedException>(() => journal.AppendAsync(former, [Block(1, 3)], Cancellation));
    }

    [Fact]
    public async Task A_new_writer_may_ship_blocks_of_a_former_epoch()
    {
        var (lease, journal, successor) = await CreateWorldAsync();
        var former = await OpenAsync(lease, journal);
        var current = await SucceedAsync(lease, former, successor);
        LogBlock[] blocks = [Block(1, 3, former.Value), Block(4, 4, current.Value)];

        await successor.AppendAsync(current, blocks, Cancellation);

        AssertSame(blocks, await CollectAsync(successor.ReadAfterAsync(Sequence.None, Cancellation)));
        Assert.Equal(current, (await successor.ReadHeadAsync(Cancellation)).Epoch);
    }

    [Fact]
    public async Task Truncation_drops_only_blocks_that_end_at_or_before_the_sequence()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        LogBlock[] blocks = [Block(1, 3), Block(4, 6), Block(7, 9)];
        await journal.AppendAsync(epoch, blocks, Cancellation);

        await journal.TruncateThroughAsync(epoch, new Sequence(5), Cancellation);

        await AssertTruncatedAsync(blocks, 5, journal);
    }

    [Fact]
    public async Task Journal_truncated_to_its_end_keeps_its_head_and_accepts_appends()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        await journal.AppendAsync(epoch, [Block(1, 3)], Cancellation);
        var head = await journal.ReadHeadAsync(Cancellation);

        await journal.TruncateThroughAsync(epoch, new Sequence(3), Cancellation);
        var truncated = await journal.ReadHeadAsync(Cancellation);
        await journal.AppendAsync(epoch, [Block(4, 4)], Cancellation);

        Assert.Equal(head, truncated);
        await AssertTruncatedAsync([Block(1, 3), Block(4, 4)], 3, journal);
    }

    [Fact]
    public async Task A_writer_of_a_former_epoch_cannot_truncate()
    {
        var (lease, journal, successor) = await CreateWorldAsync();
        var former = await OpenAsync(lease, journal);
        await journal.AppendAsync(former, [Block(1, 3)], Cancellation);
        await SucceedAsync(lease, former, successor);

        await Assert.ThrowsAsync<FencedException>(
            () => journal.TruncateThroughAsync(former, new Sequence(3), Cancellation));

        Assert.Single(await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task Successor_sees_every_block_of_the_former_writer_and_none_is_stored_afterwards()
    {
        var (lease, journal, successor) = await CreateWorldAsync();
        var former = await OpenAsync(lease, journal);
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var appending = Task.Run(() => AppendUntilFencedAsync(journal, former, underWay), Cancellation);
        await underWay.Task;
        await SucceedAsync(lease, former, successor);
        var seen = (await successor.ReadHeadAsync(Cancellation)).Last;
        var stored = await appending;

        Assert.Equal(seen, stored);
        Assert.Equal(seen, (await successor.ReadHeadAsync(Cancellation)).Last);
        Assert.Equal(seen.Value, (ulong)(await CollectAsync(successor.ReadAfterAsync(default, Cancellation))).Count);
    }

    [Fact]
    public async Task Long_journal_is_read_from_the_middle_and_truncated_there()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        var blocks = Enumerable.Range(0, 40)
            .Select(i => Block((ulong)(3 * i) + 1, (ulong)(3 * i) + 3, size: i % 5 == 2 ? 700_000 : 300))
            .ToArray();
        await journal.AppendAsync(epoch, blocks, Cancellation);

        foreach (var after in new ulong[] { 0, 1, 6, 7, 8, 9, 60, 98, 119 })
        {
            var read = await CollectAsync(journal.ReadAfterAsync(new Sequence(after), Cancellation));
            AssertSame(blocks[(int)(after / 3)..], read);
        }

        foreach (var through in new ulong[] { 1, 3, 7, 8, 9, 64 })
        {
            await journal.TruncateThroughAsync(epoch, new Sequence(through), Cancellation);
            await AssertTruncatedAsync(blocks, through, journal);
        }
    }

    [Fact]
    public async Task Truncation_of_a_long_journal_reaches_its_oldest_blocks()
    {
        var (lease, journal, _) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease, journal);
        LogBlock[] blocks =
        [
            .. Enumerable.Range(0, 30).Select(i => Block(((ulong)i * 50_000) + 1, (ulong)(i + 1) * 50_000)),
        ];
        foreach (var append in blocks.Chunk(7))
            await journal.AppendAsync(epoch, append, Cancellation);

        foreach (var through in new ulong[] { 1, 131_071, 400_000, 1_000_001, 1_499_999, 1_500_000 })
        {
            await journal.TruncateThroughAsync(epoch, new Sequence(through), Cancellation);
            await AssertTruncatedAsync(blocks, through, journal);
        }
    }

    private async Task AssertTruncatedAsync(LogBlock[] blocks, ulong through, IJournal journal)
    {
        var read = await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation));
        var needed = blocks.Count(block => block.Last.Value > through);

        Assert.InRange(read.Count, needed, blocks.Length);
        AssertSame(blocks[^read.Count..], read);
        Assert.All(read, block => Assert.True(
            block.Last.Value + KeptBefore > through, $"A block that ends with commit {block.Last} is still there."));
    }

    private static async Task<Epoch> OpenAsync(IWorldLease lease, IJournal journal)
    {
        var epoch = await TestWorld.OpenAsync(lease);
        await journal.OpenAsync(epoch, Cancellation);
        return epoch;
    }

    private static async Task<Epoch> SucceedAsync(IWorldLease lease, Epoch former, IJournal successor)
    {
        var epoch = await ReopenAsync(lease, former);
        await successor.OpenAsync(epoch, Cancellation);
        return epoch;
    }

    private static async Task<Sequence> AppendUntilFencedAsync(
        IJournal journal, Epoch epoch, TaskCompletionSource underWay)
    {
        var stored = Sequence.None;
        while (true)
        {
            try
            {
                await journal.AppendAsync(epoch, [Block(stored.Next.Value, stored.Next.Value)], Cancellation);
                stored = stored.Next;
                underWay.TrySetResult();
            }
            catch (FencedException)
            {
                return stored;
            }
        }
    }
}
