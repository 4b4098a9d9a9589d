using System.Diagnostics;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.Persistence.Wal;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.JetStream;

/// <summary>Tests on a separate server, which some of them stop or kill.</summary>
public sealed class JetStreamJournalTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = 8 * Outages.Impatience;

    private readonly WorldNames _names = WorldNames.For("tests", "journal");
    private readonly NatsServer _server = new();
    private NatsWriters _writers = null!;
    private NatsConnection _admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Subject => $"{_names.SubjectPrefix}journal";

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        _writers = new NatsWriters(NatsWorlds.Options(_server, _names) with { RequestTimeout = Outages.Impatience });
        _admin = NatsWorlds.Admin(_server);
        await NatsWorlds.CreateJournalAsync(_admin, _names);
    }

    public async ValueTask DisposeAsync()
    {
        await _writers.DisposeAsync();
        await _admin.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_block_that_was_published_in_part_only_is_not_in_the_journal()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);
        await PublishAsync(Part(2, Block(4, 9), part: 0, parts: 3), new byte[100]);
        await PublishAsync(Part(2, Block(4, 9), part: 1, parts: 3), new byte[100]);

        var successor = await _writers.SucceedAsync(3);
        var head = await successor.ReadHeadAsync(Cancellation);
        await successor.AppendAsync(new Epoch(3), [Block(4, 5, 3), Block(6, 6, 3, size: 600_000)], Cancellation);

        Assert.Equal(new Sequence(3), head.Last);
        AssertSame(
            [Block(1, 3), Block(4, 5, 3), Block(6, 6, 3, size: 600_000)],
            await CollectAsync(successor.ReadAfterAsync(Sequence.None, Cancellation)));
        AssertSame(
            [Block(6, 6, 3, size: 600_000)],
            await CollectAsync(successor.ReadAfterAsync(new Sequence(5), Cancellation)));
    }

    [Fact]
    public async Task Reading_from_a_server_that_freezes_ends_as_an_outage()
    {
        var journal = await _writers.SucceedAsync(1);
        LogBlock[] many = [.. Enumerable.Range(1, 200).Select(n => Block((ulong)n, (ulong)n))];
        await journal.AppendAsync(new Epoch(1), many, Cancellation);
        await using var blocks = journal.ReadAfterAsync(Sequence.None, Cancellation).GetAsyncEnumerator(Cancellation);
        await blocks.MoveNextAsync();

        _server.Freeze();
        var outage = await Record.ExceptionAsync(async () =>
        {
            while (await blocks.MoveNextAsync())
                continue;
        });
        _server.Thaw();

        Assert.IsType<StoreUnavailableException>(outage);
    }

    [Fact]
    public async Task A_late_claim_of_a_former_writer_does_not_fence_the_present_writer()
    {
        var journal = await _writers.SucceedAsync(2);
        await journal.AppendAsync(new Epoch(2), [Block(1, 1)], Cancellation);
        await PublishAsync(new JournalHeaders { Writer = new Epoch(1) }, default);

        var fenced = await Assert.ThrowsAsync<FencedException>(() => _writers.OpenAsync(1));
        await journal.AppendAsync(new Epoch(2), [Block(2, 2)], Cancellation);

        Assert.Equal(new Epoch(2), fenced.Current);
        Assert.Equal(new Sequence(2), (await journal.ReadHeadAsync(Cancellation)).Last);
    }

    [Fact]
    public async Task A_claim_that_no_writer_left_fences_no_writer()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 1)], Cancellation);
        await PublishAsync(new JournalHeaders { Writer = new Epoch(9_000_000_000) }, default);

        await journal.AppendAsync(new Epoch(1), [Block(2, 2)], Cancellation);
        await PublishAsync(new JournalHeaders { Writer = new Epoch(9_000_000_000) }, default);
        var successor = await _writers.SucceedAsync(2);

        Assert.Equal(new Sequence(2), (await successor.ReadHeadAsync(Cancellation)).Last);
        await Assert.ThrowsAsync<FencedException>(
            () => journal.AppendAsync(new Epoch(1), [Block(3, 3)], Cancellation));
    }

    [Fact]
    public async Task A_journal_with_blocks_of_a_higher_epoch_refuses_a_lower_one()
    {
        var journal = await _writers.SucceedAsync(5);
        await journal.AppendAsync(new Epoch(5), [Block(1, 1, 5)], Cancellation);

        var fenced = await Assert.ThrowsAsync<FencedException>(() => _writers.OpenAsync(4));

        Assert.Equal((new Epoch(4), new Epoch(5)), (fenced.Own, fenced.Current));
    }

    [Fact]
    public async Task A_former_writer_is_refused_even_if_its_late_claim_is_the_last_message()
    {
        var former = await _writers.SucceedAsync(1);
        var current = await _writers.SucceedAsync(2);
        await PublishAsync(new JournalHeaders { Writer = new Epoch(1) }, default);

        await Assert.ThrowsAsync<FencedException>(
            () => former.AppendAsync(new Epoch(1), [Block(1, 1)], Cancellation));
        await current.AppendAsync(new Epoch(2), [Block(1, 1, 2)], Cancellation);

        AssertSame([Block(1, 1, 2)], await CollectAsync(current.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task An_append_with_other_content_at_the_same_sequence_is_refused()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 3), Block(4, 4)], Cancellation);

        await Assert.ThrowsAsync<JournalGapException>(() => journal.AppendAsync(
            new Epoch(1), [Block(1, 3) with { Digest = new State.StateDigest(4711) }], Cancellation));
        await journal.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);

        Assert.Equal(new Sequence(4), (await journal.ReadHeadAsync(Cancellation)).Last);
    }

    [Fact]
    public async Task Acknowledged_blocks_survive_a_killed_server_and_the_repeated_append_is_stored_once()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);

        await _server.KillAsync();
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => journal.AppendAsync(new Epoch(1), [Block(4, 4)], Cancellation));
        await _server.StartAsync(Cancellation);
        await Outages.OutlastAsync(
            cancellation => journal.AppendAsync(new Epoch(1), [Block(4, 4)], cancellation), Cancellation);

        Assert.Equal("nats", exception.Store);
        AssertSame(
            [Block(1, 3), Block(4, 4)], await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task A_stopped_server_fails_every_member_in_bounded_time()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);
        await _server.StopAsync();

        Func<Task>[] members =
        [
            () => _writers.SucceedAsync(2),
            () => CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)),
            () => journal.AppendAsync(new Epoch(1), [Block(4, 4)], Cancellation),
            () => journal.ReadHeadAsync(Cancellation),
            () => journal.TruncateThroughAsync(new Epoch(1), new Sequence(3), Cancellation),
        ];
        foreach (var member in members)
        {
            var started = Stopwatch.GetTimestamp();
            await Assert.ThrowsAsync<StoreUnavailableException>(member);
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Bound);
        }
    }

    [Fact]
    public async Task A_recreated_stream_stops_the_writer_instead_of_starting_in_the_middle()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);
        await new NatsJSContext(_admin).DeleteStreamAsync(_names.JournalStream, Cancellation);

        var missing = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => journal.AppendAsync(new Epoch(1), [Block(4, 4)], Cancellation));
        await NatsWorlds.CreateJournalAsync(_admin, _names);

        Assert.Contains(_names.JournalStream, missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalGapException>(
            () => journal.AppendAsync(new Epoch(1), [Block(4, 4)], Cancellation));
    }

    [Fact]
    public async Task A_message_that_no_journal_wrote_is_named()
    {
        await _writers.SucceedAsync(1);
        await new NatsJSContext(_admin).PublishAsync(Subject, "hello", cancellationToken: Cancellation);

        var exception = await Assert.ThrowsAsync<RecoveryException>(() => _writers.SucceedAsync(2));

        Assert.Contains($"Message 2 of stream {_names.JournalStream}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_too_small_a_message_limit_is_refused_with_the_limit()
    {
        await using var small = new NatsServer("""
            max_payload: 65536
            jetstream { max_file_store: 1GB }

            """);
        await small.StartAsync(Cancellation);
        await using (var admin = new NatsConnection(new NatsOpts { Url = small.Url }))
            await NatsWorlds.CreateJournalAsync(admin, _names);

        var exception = await Assert.ThrowsAsync<InvalidStoreSettingException>(
            () => _writers.SucceedAsync(1, NatsWorlds.Options(small, _names)));

        Assert.Contains("max_payload 65536", exception.Message, StringComparison.Ordinal);
    }

    private static JournalHeaders Part(ulong writer, Wal.LogBlock block, int part, int parts) => new()
    {
        Writer = new Epoch(writer),
        Head = new JournalHead(new Sequence(3), new Epoch(1), Block(1, 3).Digest),
        Block = block,
        Part = part,
        Parts = parts,
    };

    private async Task PublishAsync(JournalHeaders headers, ReadOnlyMemory<byte> data)
    {
        var answer = await new NatsJSContext(_admin).PublishAsync(
            Subject, data, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, headers: headers.Write(),
            cancellationToken: Cancellation);
        answer.EnsureSuccess();
    }
}
