using System.Text;
using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.V1;

namespace Aether.Agent.Tests.Api;

public sealed class EventTests : LocalAgentTests
{
    [Fact]
    public async Task Stored_events_come_first_and_live_ones_follow()
    {
        var first = await Client.PublishEventAsync("trade.done", Encoding.UTF8.GetBytes("1"), Cancellation);
        await using var events = Client.SubscribeEventsAsync("trade.*", 0, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        await events.MoveNextAsync();
        var stored = events.Current;

        await Client.PublishEventAsync("other", default, Cancellation);
        var second = await Client.PublishEventAsync("trade.lost", Encoding.UTF8.GetBytes("2"), Cancellation);
        await events.MoveNextAsync();

        Assert.Equal((first, "trade.done"), (stored.EventSequence, stored.Type));
        Assert.Equal("1", Encoding.UTF8.GetString(stored.Data.Span));
        Assert.Equal((second, "trade.lost"), (events.Current.EventSequence, events.Current.Type));
    }

    [Fact]
    public async Task Agent_answers_a_call_however_many_others_stay_open()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var open = Enumerable.Range(0, 1_100)
            .Select(_ => Client.SubscribeEventsAsync("never", 0, over.Token).AnyAsync(over.Token).AsTask())
            .ToList();

        await Client.CommitAsync(new WorldCommit().Put(new("k", "a"), new byte[1]), Cancellation);
        var read = await Client.GetAsync(new("k", "a"), cancellationToken: Cancellation);

        Assert.NotNull(read);
        Assert.DoesNotContain(open, call => call.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(open));
    }

    [Fact]
    public async Task A_client_of_one_connection_can_have_hundreds_of_calls_open()
    {
        await Client.PublishEventAsync("first", default, Cancellation);
        var open = Enumerable.Range(0, 300)
            .Select(_ => Grpc.SubscribeEvents(new SubscribeEventsRequest(), cancellationToken: Cancellation))
            .ToList();

        await Task.WhenAll(open.Select(call => call.ResponseStream.MoveNext(Cancellation)));
        var status = await Grpc.StatusAsync(new StatusRequest(), cancellationToken: Cancellation);

        Assert.Equal(Phase.Running, status.Phase);
        open.ForEach(call => call.Dispose());
    }

    [Fact]
    public async Task An_event_with_a_bad_type_or_too_much_data_is_refused()
    {
        var type = await Assert.ThrowsAsync<InvalidCommitException>(
            () => Client.PublishEventAsync("no spaces", default, Cancellation));
        var data = await Assert.ThrowsAsync<InvalidCommitException>(
            () => Client.PublishEventAsync("big", new byte[(512 << 10) + 1], Cancellation));

        Assert.Equal("type", type.Field);
        Assert.Equal(((ulong)(512 << 10), (ulong)(512 << 10) + 1), (data.Limit, data.Actual));
    }

    [Theory]
    [InlineData(129)]
    [InlineData(200_000)]
    public async Task Overlong_type_or_filter_is_refused_with_limit_and_length(int length)
    {
        await using var world = await Agent.Endpoints.ConnectAsync(RetryPolicy.None);
        var text = new string('x', length);

        var type = await Assert.ThrowsAsync<InvalidCommitException>(
            () => world.PublishEventAsync(text, default, Cancellation));
        var filter = await Assert.ThrowsAsync<InvalidCommitException>(
            () => world.SubscribeEventsAsync(text, 0, Cancellation).AnyAsync(Cancellation).AsTask());

        Assert.Equal(("type", 128UL, (ulong)length), (type.Field, type.Limit, type.Actual));
        Assert.Equal(("type_filter", 128UL, (ulong)length), (filter.Field, filter.Limit, filter.Actual));
    }
}
