using System.Text;
using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Events;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;

namespace Aether.Persistence.Stores.Tests.JetStream;

/// <summary>
/// Tests on a separate server, where each world's user has exactly the operator's permissions: its own subjects, its
/// own stream, its own inbox.
/// </summary>
public sealed class JetStreamOutageTests : IAsyncLifetime
{
    private static readonly WorldNames Own = WorldNames.For("tests", "own");
    private static readonly WorldNames Other = WorldNames.For("tests", "other");

    private readonly string _password = Secrets.NewPassword();
    private readonly NatsServer _server;
    private readonly InMemoryStores _lease = new(TimeProvider.System);

    public JetStreamOutageTests()
    {
        _server = new NatsServer($"authorization {{ timeout: 30, users: [ {Admin()}, {User(Own)}, {User(Other)} ] }}");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        await using var admin = new NatsConnection(new NatsOpts
        {
            Url = _server.Url,
            AuthOpts = new NatsAuthOpts { Username = "admin", Password = _password },
        });
        await NatsWorlds.CreateStreamAsync(admin, Own);
        await NatsWorlds.CreateStreamAsync(admin, Other);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_world_needs_no_more_rights_than_the_operator_gives_it()
    {
        await using var world = new NatsWorld(Options(Own), TimeProvider.System);
        using var stream = Stream(world);

        await OpenAsync(stream);
        await stream.PublishAsync("a", "x"u8.ToArray(), Cancellation);

        Assert.Equal(["x"], await TakeUntilAsync(stream, "x"));
        Assert.True((await new NatsHealth(world).CheckAsync(Cancellation)).Healthy);
    }

    [Fact]
    public async Task A_world_can_neither_publish_to_another_world_nor_read_from_it()
    {
        await using var world = new NatsWorld(
            Options(Own) with { SubjectPrefix = Other.SubjectPrefix, EventStream = Other.EventStream },
            TimeProvider.System);
        using var stream = Stream(world);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(stream));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => TakeUntilAsync(stream, "never"));
    }

    [Fact]
    public async Task Writer_and_subscriber_continue_after_an_outage()
    {
        await using var world = new NatsWorld(Options(Own), TimeProvider.System);
        using var stream = Stream(world);
        await OpenAsync(stream);
        await stream.PublishAsync("a", "before"u8.ToArray(), Cancellation);

        await _server.StopAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => stream.PublishAsync("a", "during"u8.ToArray(), Cancellation));
        await _server.StartAsync(Cancellation);
        await UntilPublishedAsync(stream, "after");

        // An event without an answer may have been stored, as its writer's exception says; an event with an answer is
        // stored, in order.
        var landed = await TakeUntilAsync(stream, "after");
        Assert.Equal(["before", "after"], landed.Where(text => text != "during"));
        using var successor = Stream(world);
        await OpenAsync(successor);
        await Assert.ThrowsAsync<FencedException>(
            () => stream.PublishAsync("a", "too late"u8.ToArray(), Cancellation));
    }

    [Fact]
    public async Task A_live_subscription_survives_a_restart_of_the_server_without_losing_an_event()
    {
        await using var world = new NatsWorld(Options(Own), TimeProvider.System);
        using var stream = Stream(world);
        await OpenAsync(stream);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = ReadAcrossOutageAsync(stream, first, count: 2);
        await stream.PublishAsync("a", "before"u8.ToArray(), Cancellation);
        await first.Task;

        await _server.StopAsync();
        await _server.StartAsync(Cancellation);
        await UntilPublishedAsync(stream, "after");

        Assert.Equal(["before", "after"], await reading);
    }

    private async Task OpenAsync(JetStreamEventStream stream)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.Zero);
        await stream.OpenAsync((await _lease.TryAcquireAsync(request, Cancellation)).Epoch, Cancellation);
    }

    private JetStreamEventStream Stream(NatsWorld world) =>
        new(world, _lease, NullLogger<JetStreamEventStream>.Instance);

    private static Task UntilPublishedAsync(JetStreamEventStream stream, string text) => Outages.OutlastAsync(
        cancellation => stream.PublishAsync("a", Encoding.UTF8.GetBytes(text), cancellation), Cancellation);

    private static async Task<List<string>> TakeUntilAsync(JetStreamEventStream stream, string last)
    {
        var texts = new List<string>();
        await foreach (var e in await stream.SubscribeAsync("", 0, Cancellation))
        {
            texts.Add(Encoding.UTF8.GetString(e.Data.Span));
            if (texts[^1] == last)
                break;
        }

        return texts;
    }

    // Acts like a subscriber: continues after its last event when the subscription breaks.
    private static async Task<List<string>> ReadAcrossOutageAsync(
        JetStreamEventStream stream, TaskCompletionSource first, int count)
    {
        var events = new List<WorldEvent>();
        while (events.Count < count)
        {
            try
            {
                var after = events.LastOrDefault()?.EventSequence ?? 0;
                await foreach (var e in await stream.SubscribeAsync("", after, Cancellation))
                {
                    events.Add(e);
                    first.TrySetResult();
                    if (events.Count == count)
                        break;
                }
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            }
        }

        return [.. events.Select(e => Encoding.UTF8.GetString(e.Data.Span))];
    }

    private string Admin() => $$"""{ user: admin, password: "{{_password}}" }""";

    private string User(WorldNames names)
    {
        var stream = names.EventStream;
        return $$"""
            { user: {{names.Role}}, password: "{{_password}}", permissions: {
                publish: [ "{{names.SubjectPrefix}}>", "$JS.API.STREAM.INFO.{{stream}}",
                           "$JS.API.STREAM.MSG.GET.{{stream}}", "$JS.API.CONSUMER.CREATE.{{stream}}",
                           "$JS.API.CONSUMER.CREATE.{{stream}}.>", "$JS.API.CONSUMER.INFO.{{stream}}.*",
                           "$JS.API.CONSUMER.DELETE.{{stream}}.*", "$JS.API.CONSUMER.MSG.NEXT.{{stream}}.*",
                           "$JS.ACK.{{stream}}.>" ],
                subscribe: [ "{{names.SubjectPrefix}}>", "{{names.InboxPrefix}}.>" ] } }
            """;
    }

    private NatsConnectionOptions Options(WorldNames names) => new()
    {
        Url = _server.Url,
        EventStream = names.EventStream,
        SubjectPrefix = names.SubjectPrefix,
        Username = names.Role,
        Password = _password,
        RequestTimeout = Outages.Impatience,
    };
}
