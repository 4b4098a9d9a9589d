using System.Text;
using Aether.Persistence.Contracts;
using Aether.Persistence.Events;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.Tests.JetStream;

public sealed partial class JetStreamEventStreamTests : IAsyncLifetime
{
    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(100);

    private readonly ServerSet _servers;
    private readonly WorldNames _names;
    private readonly NatsConnection _admin;
    private readonly List<NatsWorld> _worlds = [];
    private PostgresConnectionOptions _options = null!;
    private PostgresWorld _postgres = null!;
    private PostgresWorldLease _lease = null!;

    public JetStreamEventStreamTests(ServerSet servers)
    {
        _servers = servers;
        _names = WorldNames.For("tests", servers.NewName());
        _admin = NatsWorlds.Admin(servers.Nats);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await NatsWorlds.CreateStreamAsync(_admin, _names);
        _options = await PostgresWorlds.CreateAsync(_servers);
        _postgres = new PostgresWorld(_options);
        _lease = new PostgresWorldLease(_postgres);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var world in _worlds)
            await world.DisposeAsync();
        await _postgres.DisposeAsync();
        await _admin.DisposeAsync();
    }

    [Fact]
    public async Task Published_events_are_read_in_order_with_their_types()
    {
        using var stream = await OpenAsync();
        var first = await PublishAsync(stream, "trade.completed", "one");
        var second = await PublishAsync(stream, "login", "two");

        var events = await TakeAsync(stream, "", after: 0, count: 2);

        Assert.Equal(
            [(first, "trade.completed", "one"), (second, "login", "two")],
            events.Select(e => (e.EventSequence, e.Type, Encoding.UTF8.GetString(e.Data.Span))));
        Assert.True(first < second);
    }

    [Fact]
    public async Task A_subscriber_resumes_after_its_last_event_and_receives_live_events()
    {
        using var stream = await OpenAsync();
        await PublishAsync(stream, "a", "one");
        var had = await PublishAsync(stream, "a", "two");

        var reading = TakeAsync(stream, "", had, count: 2);
        await PublishAsync(stream, "a", "three");
        await PublishAsync(stream, "a", "four");

        Assert.Equal(["three", "four"], (await reading).Select(e => Encoding.UTF8.GetString(e.Data.Span)));
    }

    [Fact]
    public async Task A_cancelled_subscription_throws_instead_of_ending()
    {
        using var stream = await OpenAsync();
        await PublishAsync(stream, "a", "one");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var subscription = await stream.SubscribeAsync("", 0, over.Token);
        await using var events = subscription.GetAsyncEnumerator(Cancellation);
        Assert.True(await events.MoveNextAsync());

        var next = events.MoveNextAsync();
        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.AsTask());
    }

    [Theory]
    [InlineData("trade.completed", "1 4")]
    [InlineData("trade.*", "1 2 4")]
    [InlineData("", "1 2 3 4")]
    public async Task A_filter_delivers_only_its_types(string filter, string expected)
    {
        using var stream = await OpenAsync();
        await PublishAsync(stream, "trade.completed", "1");
        await PublishAsync(stream, "trade.offer.made", "2");
        await PublishAsync(stream, "tradewinds", "3");
        await PublishAsync(stream, "trade.completed", "4");

        var events = await TakeAsync(stream, filter, after: 0, count: expected.Split(' ').Length);

        Assert.Equal(expected, string.Join(' ', events.Select(e => Encoding.UTF8.GetString(e.Data.Span))));
    }

    [Fact]
    public async Task A_former_writer_is_refused_as_soon_as_a_new_one_has_opened()
    {
        using var former = await OpenAsync();
        await PublishAsync(former, "a", "before");
        using var current = await OpenAsync();

        var fenced = await Assert.ThrowsAsync<FencedException>(() => PublishAsync(former, "a", "too late"));
        await PublishAsync(current, "a", "after");

        Assert.Equal((new Epoch(1), new Epoch(2)), (fenced.Own, fenced.Current));
        var events = await TakeAsync(current, "", after: 0, count: 2);
        Assert.Equal(["before", "after"], events.Select(e => Encoding.UTF8.GetString(e.Data.Span)));
    }

    [Fact]
    public async Task A_lower_epoch_cannot_open()
    {
        await TakeLeaseAsync("former");
        using var current = await OpenAsync("current");

        await Assert.ThrowsAsync<FencedException>(() => OpenUnderAsync(new Epoch(1)));

        await PublishAsync(current, "a", "still the writer");
    }

    [Fact]
    public async Task Openers_and_publishers_at_once_leave_the_highest_epoch_as_the_only_writer()
    {
        var openers = Enumerable.Range(0, 6).Select(opener => Task.Run(
            async () =>
            {
                try
                {
                    // Only one of several concurrent openers gets the lease; the others try again.
                    LeaseAttempt attempt;
                    do
                        attempt = await TryTakeLeaseAsync($"{opener}");
                    while (!attempt.Acquired);
                    var epoch = attempt.Epoch;
                    using var stream = await OpenUnderAsync(epoch);
                    for (var i = 0; i < 20; i++)
                        await PublishAsync(stream, "a", $"{epoch}");
                }
                catch (Exception exception) when (exception is FencedException or StoreUnavailableException)
                {
                }
            },
            Cancellation));
        await Task.WhenAll(openers);
        using var last = await OpenAsync("last");
        var end = await PublishAsync(last, "a", "7");

        var epochs = new List<int>();
        await foreach (var e in await last.SubscribeAsync("", 0, Cancellation))
        {
            epochs.Add(int.Parse(Encoding.UTF8.GetString(e.Data.Span), null));
            if (e.EventSequence == end)
                break;
        }

        Assert.Equal(epochs.Order(), epochs);
    }

    [Fact]
    public async Task Parallel_publishes_of_one_writer_are_all_stored_once()
    {
        using var stream = await OpenAsync();

        var positions = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => PublishAsync(stream, "a", $"{i}")));
        var events = await TakeAsync(stream, "", after: 0, count: 50);

        Assert.Equal(positions.Order(), events.Select(e => e.EventSequence));
        Assert.Equal(50, events.Select(e => Encoding.UTF8.GetString(e.Data.Span)).Distinct().Count());
    }

    [Fact]
    public async Task A_mark_that_no_writer_left_fences_no_writer()
    {
        using var stream = await OpenAsync();
        await LeaveMarkAsync(epoch: 9_000_000_000);

        await PublishAsync(stream, "a", "one");
        await LeaveMarkAsync(epoch: 9_000_000_000);
        using var successor = await OpenAsync();
        await PublishAsync(successor, "a", "two");

        await Assert.ThrowsAsync<FencedException>(() => PublishAsync(stream, "a", "too late"));
        var events = (await TakeAsync(successor, "a", after: 0, count: 2)).Select(e => e.Data);
        Assert.Equal(["one", "two"], events.Select(data => Encoding.UTF8.GetString(data.Span)));
    }

    [Fact]
    public async Task A_lower_epoch_of_a_lease_that_was_restored_from_a_backup_follows_a_higher_one()
    {
        await TakeLeaseAsync("before the backup");
        using var lost = await OpenAsync("after the backup");
        await PublishAsync(lost, "a", "one");
        var schema = ServerSet.Quote(_options.Schema);
        await _servers.ExecuteAsync($"UPDATE {schema}.world SET epoch = 0; DELETE FROM {schema}.epochs");

        using var current = await OpenAsync("after the restore");
        await PublishAsync(current, "a", "two");

        var fenced = await Assert.ThrowsAsync<FencedException>(() => PublishAsync(lost, "a", "too late"));
        Assert.Equal("after the restore", fenced.Holder);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a.>")]
    [InlineData("a b")]
    public async Task A_type_that_is_not_a_dotted_name_is_refused(string type)
    {
        using var stream = await OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => PublishAsync(stream, type, "x"));
    }

    private static Task<ulong> PublishAsync(JetStreamEventStream stream, string type, string text) =>
        stream.PublishAsync(type, Encoding.UTF8.GetBytes(text), Cancellation);

    private static async Task<List<WorldEvent>> TakeAsync(
        JetStreamEventStream stream, string filter, ulong after, int count)
    {
        var events = new List<WorldEvent>();
        await foreach (var e in await stream.SubscribeAsync(filter, after, Cancellation))
        {
            events.Add(e);
            if (events.Count == count)
                break;
        }

        return events;
    }

    private async Task<Epoch> TakeLeaseAsync(string holder)
    {
        var attempt = await TryTakeLeaseAsync(holder);
        Assert.True(attempt.Acquired);
        return attempt.Epoch;
    }

    // The lease expires at once, so that the next opener can take it.
    private Task<LeaseAttempt> TryTakeLeaseAsync(string holder) => _lease.TryAcquireAsync(
        new LeaseRequest(holder, Guid.NewGuid(), TimeSpan.Zero), Cancellation);

    private async Task LeaveMarkAsync(ulong epoch)
    {
        var headers = new NatsHeaders { ["Aether-Epoch"] = $"{epoch}" };
        await new NatsJSContext(_admin).PublishAsync(
            $"{_names.SubjectPrefix}epoch", "", headers: headers, cancellationToken: Cancellation);
    }

    private async Task<INatsJSStream> StreamAsync() =>
        await new NatsJSContext(_admin).GetStreamAsync(_names.EventStream, cancellationToken: Cancellation);

    private async Task<JetStreamEventStream> OpenAsync(string holder = "writer") =>
        await OpenUnderAsync(await TakeLeaseAsync(holder));

    private async Task<JetStreamEventStream> OpenUnderAsync(Epoch epoch)
    {
        var world = new NatsWorld(NatsWorlds.Options(_servers.Nats, _names), TimeProvider.System);
        lock (_worlds)
            _worlds.Add(world);
        var stream = new JetStreamEventStream(world, _lease, NullLogger<JetStreamEventStream>.Instance);
        await stream.OpenAsync(epoch, Cancellation);
        return stream;
    }
}
