using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.JetStream;

/// <summary>
/// Tests on a server whose account has little room. Versions differ in what a message beyond the limit leaves behind:
/// 2.9 counts it in the stream, 2.10 to 2.12 count it in the fence and not in the stream, later ones do not count it.
/// </summary>
[Trait("Field", "F23")]
public sealed class FullAccountTests : IAsyncLifetime
{
    private readonly WorldNames _names = WorldNames.For("tests", "full");
    private readonly NatsServer _server = new("""
        jetstream { max_file_store: 1GB }
        accounts { A { jetstream { max_file: 2000000 }, users: [{ user: a, password: a }] } }

        """);

    private NatsWriters _writers = null!;
    private NatsConnection _admin = null!;
    private NatsJSContext _context = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        _writers = new NatsWriters(NatsWorlds.Options(_server, _names) with
        {
            Username = "a",
            Password = "a",
            RequestTimeout = Outages.Impatience,
        });
        _admin = new NatsConnection(new NatsOpts
        {
            Url = _server.Url,
            ConnectTimeout = TestServer.ClientPatience,
            RequestTimeout = TestServer.ClientPatience,
            AuthOpts = new NatsAuthOpts { Username = "a", Password = "a" },
        });
        await NatsWorlds.CreateJournalAsync(_admin, _names);
        await NatsWorlds.CreateStreamAsync(_admin, _names);
        _context = new NatsJSContext(_admin);
        await _context.CreateStreamAsync(new("OTHER", ["other"]), Cancellation);
        for (var filled = 0; filled < 1_600_000; filled += 400_000)
            (await _context.PublishAsync("other", new byte[400_000], cancellationToken: Cancellation)).EnsureSuccess();
    }

    public async ValueTask DisposeAsync()
    {
        await _writers.DisposeAsync();
        await _admin.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_full_account_keeps_blocks_waiting_until_there_is_room()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);

        for (var attempt = 0; attempt < 3; attempt++)
            await AssertFullAsync(() => journal.AppendAsync(new Epoch(1), [Large], Cancellation));

        AssertSame([Block(1, 3)], await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
        await MakeRoomAsync();
        await journal.AppendAsync(new Epoch(1), [Large], Cancellation);
        var successor = await _writers.SucceedAsync(2);
        await successor.AppendAsync(new Epoch(2), [Block(5, 5, 2)], Cancellation);

        AssertSame(
            [Block(1, 3), Large, Block(5, 5, 2)],
            await CollectAsync(successor.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task A_journal_that_waits_for_room_does_not_grow_with_each_attempt()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);
        var before = await CountAsync();

        for (var attempt = 0; attempt < 5; attempt++)
            await AssertFullAsync(() => journal.AppendAsync(new Epoch(1), [Huge], Cancellation));

        // The first part of the block, for which there is room, and one claim; nothing for each further attempt.
        Assert.InRange(await CountAsync() - before, 1, 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_former_writer_is_refused_after_a_restart_of_a_server_that_lost_its_count(bool claimsFirst)
    {
        var former = await _writers.SucceedAsync(1);
        await former.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);
        for (var attempt = 0; attempt < 2; attempt++)
            await AssertFullAsync(() => former.AppendAsync(new Epoch(1), [Large], Cancellation));
        await MakeRoomAsync();
        await former.AppendAsync(new Epoch(1), [Large, Block(5, 5)], Cancellation);
        JetStreamJournal? successor = null;
        if (claimsFirst)
            successor = await _writers.SucceedAsync(2);
        await _server.StopAsync();
        await _server.StartAsync(Cancellation);
        successor ??= await _writers.OutlastAndSucceedAsync(2);

        await Assert.ThrowsAsync<FencedException>(() => Outages.OutlastAsync(
            cancellation => former.AppendAsync(new Epoch(1), [Block(6, 6)], cancellation), Cancellation));
        await Outages.OutlastAsync(
            cancellation => successor.AppendAsync(new Epoch(2), [Block(6, 6, 2)], cancellation), Cancellation);

        AssertSame(
            [Block(1, 3), Large, Block(5, 5), Block(6, 6, 2)],
            await CollectAsync(successor.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task A_journal_of_a_full_account_accepts_appends_after_a_truncation()
    {
        var journal = await _writers.SucceedAsync(1);
        await journal.AppendAsync(new Epoch(1), [Block(1, 3)], Cancellation);
        await AssertFullAsync(() => journal.AppendAsync(new Epoch(1), [Large], Cancellation));
        await MakeRoomAsync();

        await journal.TruncateThroughAsync(new Epoch(1), new Sequence(3), Cancellation);
        await journal.AppendAsync(new Epoch(1), [Large], Cancellation);
        var successor = await _writers.SucceedAsync(2);

        AssertSame([Large], await CollectAsync(successor.ReadAfterAsync(new Sequence(3), Cancellation)));
    }

    [Fact]
    public async Task Events_are_published_again_once_the_account_has_room_and_a_former_writer_is_refused()
    {
        var former = await _writers.OpenEventsAsync(1);
        await former.PublishAsync("a", new byte[1], Cancellation);
        for (var attempt = 0; attempt < 2; attempt++)
            await AssertFullAsync(() => former.PublishAsync("a", new byte[600_000], Cancellation));
        await MakeRoomAsync();
        var last = await former.PublishAsync("a", new byte[600_000], Cancellation);
        Assert.True(await former.PublishAsync("a", new byte[2], Cancellation) > last);

        var current = await _writers.OpenEventsAsync(2);

        await Assert.ThrowsAsync<FencedException>(() => former.PublishAsync("a", new byte[3], Cancellation));
        await current.PublishAsync("a", new byte[4], Cancellation);
        Assert.Equal([1, 600_000, 2, 4], await TakeAsync(current, 4));
    }

    private static Wal.LogBlock Large => Block(4, 4, size: 600_000);

    private static Wal.LogBlock Huge => Block(4, 4, size: 2_600_000);

    private static async Task AssertFullAsync(Func<Task> action)
    {
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(action);
        Assert.Contains("resource limits exceeded", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<List<int>> TakeAsync(JetStreamEventStream events, int count)
    {
        var sizes = new List<int>();
        await foreach (var item in await events.SubscribeAsync("", 0, Cancellation))
        {
            sizes.Add(item.Data.Length);
            if (sizes.Count == count)
                break;
        }

        return sizes;
    }

    private async Task MakeRoomAsync() => await _context.DeleteStreamAsync("OTHER", Cancellation);

    private async Task<long> CountAsync() =>
        (await _context.GetStreamAsync(_names.JournalStream, cancellationToken: Cancellation)).Info.State.Messages;
}
