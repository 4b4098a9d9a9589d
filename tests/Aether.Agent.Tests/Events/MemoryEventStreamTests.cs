using Aether.Agent.Events;
using Aether.Persistence;
using Aether.Persistence.Events;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Agent.Tests.Events;

[Trait("Kind", "Unit")]
public sealed class MemoryEventStreamTests
{
    private readonly MemoryEventStream _stream = new(new FakeTimeProvider());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subscriber_gets_the_stored_events_after_its_position_and_then_live_ones()
    {
        await PublishAsync("a", "b", "c");
        await using var events = (await _stream.SubscribeAsync("", 1, Cancellation)).GetAsyncEnumerator(Cancellation);

        var first = await NextAsync(events);
        var second = await NextAsync(events);
        var live = NextAsync(events);
        Assert.False(live.IsCompleted);
        await PublishAsync("d");

        Assert.Equal(["b", "c", "d"], [first, second, await live]);
    }

    [Fact]
    public async Task A_filter_takes_a_type_or_all_below_it()
    {
        await PublishAsync("trade", "trade.done", "trades", "trade.done.twice", "end");

        Assert.Equal(["trade.done", "trade.done.twice"], await TakeAsync("trade.*", 2));
        Assert.Equal(["trade"], await TakeAsync("trade", 1));
    }

    [Fact]
    public async Task Memory_keeps_only_the_newest_events()
    {
        for (var i = 0; i < MemoryEventStream.Capacity + 10; i++)
            await _stream.PublishAsync("e", default, Cancellation);
        await using var events = (await _stream.SubscribeAsync("", 0, Cancellation)).GetAsyncEnumerator(Cancellation);

        await events.MoveNextAsync();

        Assert.Equal(11UL, events.Current.EventSequence);
    }

    [Fact]
    public async Task Subscriber_that_continues_after_an_earlier_process_gets_all_events_of_this_one()
    {
        await _stream.OpenAsync(new Epoch(1), Cancellation);
        await PublishAsync("a", "b", "c");
        var last = await _stream.PublishAsync("d", default, Cancellation);
        var next = new MemoryEventStream(new FakeTimeProvider());
        await next.OpenAsync(new Epoch(2), Cancellation);
        await next.PublishAsync("e", default, Cancellation);
        await next.PublishAsync("f", default, Cancellation);

        await using var events = (await next.SubscribeAsync("", last, Cancellation)).GetAsyncEnumerator(Cancellation);
        var first = events.MoveNextAsync();

        Assert.True(first.IsCompleted);
        Assert.Equal(["e", "f"], [events.Current.Type, await NextAsync(events)]);
    }

    [Fact]
    public async Task Position_beyond_the_last_event_is_refused()
    {
        await PublishAsync("a", "b");
        await _stream.SubscribeAsync("", 2, Cancellation);

        var refused = await Assert.ThrowsAsync<UnknownEventPositionException>(
            () => _stream.SubscribeAsync("", 3, Cancellation));

        Assert.Equal((3UL, 2UL), (refused.Position, refused.Last));
    }

    [Theory]
    [InlineData("trade", true)]
    [InlineData("trade.completed-2", true)]
    [InlineData("", false)]
    [InlineData("trade.", false)]
    [InlineData("trade..x", false)]
    [InlineData("trade.*", false)]
    [InlineData("händel", false)]
    public void A_type_is_parts_with_dots_between(string type, bool allowed)
    {
        Assert.Equal(allowed, EventTypes.IsType(type));
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<Persistence.Events.WorldEvent> events) =>
        await events.MoveNextAsync() ? events.Current.Type : "";

    private async Task PublishAsync(params string[] types)
    {
        foreach (var type in types)
            await _stream.PublishAsync(type, default, Cancellation);
    }

    private async Task<List<string>> TakeAsync(string filter, int count)
    {
        var events = await _stream.SubscribeAsync(filter, 0, Cancellation);
        return await events.Take(count).Select(e => e.Type).ToListAsync(Cancellation);
    }
}
