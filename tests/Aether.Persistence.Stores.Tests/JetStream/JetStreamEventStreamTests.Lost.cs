using System.Text;
using Aether.Persistence.Events;
using Aether.Persistence.Stores.Tests.Servers;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.Tests.JetStream;

/// <content>Streams that are missing, recreated, or whose events have expired.</content>
public sealed partial class JetStreamEventStreamTests
{
    [Fact]
    public async Task The_error_for_a_missing_stream_names_the_operator_and_a_recreated_stream_works()
    {
        using var stream = await OpenAsync();
        await PublishAsync(stream, "a", "lost with the stream");
        await PublishAsync(stream, "a", "lost too");
        await new NatsJSContext(_admin).DeleteStreamAsync(_names.EventStream, Cancellation);

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => PublishAsync(stream, "a", "nowhere"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => TakeAsync(stream, "", 0, 1));
        await NatsWorlds.CreateStreamAsync(_admin, _names);
        await PublishAsync(stream, "a", "here");

        Assert.Contains("operator recreates it", exception.Message, StringComparison.Ordinal);
        Assert.Equal("here", Encoding.UTF8.GetString((await TakeAsync(stream, "", 0, 1))[0].Data.Span));
    }

    [Fact]
    public async Task A_position_beyond_the_end_of_a_recreated_stream_is_refused()
    {
        using var stream = await OpenAsync();
        await PublishAsync(stream, "a", "one");
        var had = await PublishAsync(stream, "a", "two");
        await stream.SubscribeAsync("", had, Cancellation);
        await RecreateStreamAsync();
        using var successor = await OpenAsync();

        var refused = await Assert.ThrowsAsync<UnknownEventPositionException>(
            () => successor.SubscribeAsync("", had, Cancellation));

        Assert.Equal((had, 1UL), (refused.Position, refused.Last));
    }

    [Fact]
    [Trait("Field", "F32")]
    public async Task A_subscription_whose_stream_was_recreated_ends_with_the_next_event()
    {
        using var stream = await OpenAsync();
        await PublishAsync(stream, "a", "one");
        var had = await PublishAsync(stream, "a", "two");
        var subscription = await stream.SubscribeAsync("", had, Cancellation);
        await using var events = subscription.GetAsyncEnumerator(Cancellation);

        await RecreateStreamAsync();
        var next = events.MoveNextAsync().AsTask();
        while ((await StreamAsync()).Info.State.ConsumerCount == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        var last = await PublishAsync(stream, "a", "three");

        var ended = await Assert.ThrowsAsync<UnknownEventPositionException>(() => next);

        // The mark before it shows it too, to subscribers whose server sends it.
        Assert.Equal(had, ended.Position);
        Assert.InRange(ended.Last, 1UL, last);
    }

    [Fact]
    [Trait("Field", "F32")]
    public async Task A_subscription_whose_stream_was_recreated_ends_even_if_no_event_follows()
    {
        using var stream = await OpenAsync();
        var had = await PublishAsync(stream, "a", "one");
        var subscription = await stream.SubscribeAsync("", had, Cancellation);
        await using var events = subscription.GetAsyncEnumerator(Cancellation);
        var next = events.MoveNextAsync().AsTask();
        while ((await StreamAsync()).Info.State.ConsumerCount == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);

        await RecreateStreamAsync();

        // The subscription may check while there is no stream; then its reader subscribes again.
        var ended = await Assert.ThrowsAnyAsync<Exception>(() => next);
        if (ended is StoreUnavailableException)
            ended = await Record.ExceptionAsync(() => stream.SubscribeAsync("", had, Cancellation));
        var unknown = Assert.IsType<UnknownEventPositionException>(ended);
        Assert.Equal((had, 0UL), (unknown.Position, unknown.Last));
    }

    [Fact]
    public async Task A_writer_continues_although_an_unexpected_last_event_has_expired()
    {
        using var stream = await OpenAsync("writer");
        await PublishAsync(stream, "a", "one");
        await _admin.PublishAsync($"{_names.SubjectPrefix}events.a", "of nobody", cancellationToken: Cancellation);
        await ExpireAllEventsAsync();

        await PublishAsync(stream, "a", "two");
        await PublishAsync(stream, "a", "three");

        var events = await TakeAsync(stream, "", after: 0, count: 2);
        Assert.Equal(["two", "three"], events.Select(e => Encoding.UTF8.GetString(e.Data.Span)));
    }

    [Fact]
    public async Task A_former_writer_is_refused_although_every_event_of_its_successor_has_expired()
    {
        using var former = await OpenAsync("former");
        await PublishAsync(former, "a", "one");
        using var current = await OpenAsync("current");
        await PublishAsync(current, "a", "two");
        await ExpireAllEventsAsync();

        var fenced = await Assert.ThrowsAsync<FencedException>(() => PublishAsync(former, "a", "too late"));

        Assert.Equal((new Epoch(2), "current"), (fenced.Current, fenced.Holder));
        Assert.Equal(0, (await StreamAsync()).Info.State.Messages);
    }

    [Fact]
    public async Task A_former_writer_is_refused_by_a_recreated_stream()
    {
        using var former = await OpenAsync("former");
        using var current = await OpenAsync("current");
        await RecreateStreamAsync();

        await Assert.ThrowsAsync<FencedException>(() => PublishAsync(former, "a", "too late"));
        await Assert.ThrowsAsync<FencedException>(() => OpenUnderAsync(new Epoch(1)));

        Assert.Equal(0, (await StreamAsync()).Info.State.Messages);
    }

    private async Task RecreateStreamAsync()
    {
        await new NatsJSContext(_admin).DeleteStreamAsync(_names.EventStream, Cancellation);
        await NatsWorlds.CreateStreamAsync(_admin, _names);
    }

    private async Task ExpireAllEventsAsync()
    {
        var config = (await StreamAsync()).Info.Config;
        (config.MaxAge, config.DuplicateWindow) = (Age, Age);
        await new NatsJSContext(_admin).UpdateStreamAsync(config, Cancellation);
        while ((await StreamAsync()).Info.State.Messages > 0)
            await Task.Delay(Age, TimeProvider.System, Cancellation);
        (config.MaxAge, config.DuplicateWindow) = (TimeSpan.Zero, TimeSpan.FromMinutes(2));
        await new NatsJSContext(_admin).UpdateStreamAsync(config, Cancellation);
    }
}
