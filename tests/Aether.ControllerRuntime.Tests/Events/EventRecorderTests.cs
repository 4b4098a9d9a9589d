using System.Text.Json.Nodes;
using System.Threading.Channels;
using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime.Tests.Events;

public sealed class EventRecorderTests(Cluster cluster)
{
    private const string Written = """{"metadata":{"namespace":"games","name":"w.1"}}""";
    private const string Creation = "/api/v1/namespaces/games/events";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_written_by_the_time_the_process_has_stopped_and_repeats_are_counted()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await RuntimeHost.StartAsync(cluster, _ => { });
        var widget = await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        var recorder = host.Services.GetRequiredService<IEventRecorder>();

        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");
        for (var time = 0; time < 4; time++)
            recorder.Warning(widget, "Faded", "Inspect", new string('ü', 1000));
        await host.StopAsync();

        var events = await cluster.Objects().ListAsync<Eventsv1Event>(space, null, Cancellation);
        var painted = Assert.Single(events, e => e.Reason == "Painted");
        Assert.Equal(
            ("Normal", "Paint", "The widget is red.", "test"),
            (painted.Type, painted.Action, painted.Note, painted.ReportingController));
        Assert.Equal(
            ("Widget", "test.dev/v1", "w", widget.Metadata.Uid),
            (painted.Regarding.Kind, painted.Regarding.ApiVersion, painted.Regarding.Name, painted.Regarding.Uid));
        var faded = Assert.Single(events, e => e.Reason == "Faded");
        Assert.Equal("Warning", faded.Type);
        Assert.Equal(4, faded.Series.Count);
        Assert.EndsWith("ü...", faded.Note, StringComparison.Ordinal);
    }

    [Fact, Trait("Field", "F34")]
    public async Task Events_have_the_times_and_the_count_that_kubectl_sorts_and_shows()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await RuntimeHost.StartAsync(cluster, _ => { });
        var widget = await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        var recorder = host.Services.GetRequiredService<IEventRecorder>();
        var before = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(-1);

        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");
        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");
        await host.StopAsync();

        var painted = Assert.Single(await cluster.Objects().ListAsync<Corev1Event>(space, null, Cancellation));
        Assert.Equal((2, "test"), (painted.Count, painted.Source.Component));
        Assert.InRange(painted.FirstTimestamp!.Value, before, painted.LastTimestamp!.Value);
        Assert.InRange(painted.LastTimestamp!.Value, before, TimeProvider.System.GetUtcNow().UtcDateTime);
    }

    [Theory]
    [InlineData(StatusCodes.Status429TooManyRequests)]
    [InlineData(StatusCodes.Status503ServiceUnavailable)]
    public async Task Event_that_a_busy_server_refused_is_retried_under_the_same_name(int status)
    {
        await using var api = await ScriptedApi.StartAsync();
        var names = Channel.CreateUnbounded<string>();
        api.Then(response => RefuseAsync(response, names, status, "busy"))
            .Then(response => RefuseAsync(response, names, StatusCodes.Status409Conflict, "AlreadyExists"))
            .ThenText(Written);
        await using var host = await StartAsync(api);
        var recorder = host.Services.GetRequiredService<IEventRecorder>();
        var widget = Widget.Named("games", "w");

        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");
        var first = await names.Reader.ReadAsync(Cancellation);
        var second = await names.Reader.ReadAsync(Cancellation);
        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");
        await host.StopAsync();

        Assert.StartsWith("w.", first, StringComparison.Ordinal);
        Assert.Equal(first, second);
        Assert.StartsWith(Creation + "?", await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.StartsWith(Creation + "?", await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.StartsWith($"{Creation}/{first}", await api.NextRequestAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_event_is_written_at_its_next_occurrence()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText("{}", StatusCodes.Status403Forbidden)
            .ThenText(Written);
        await using var host = await StartAsync(api);
        var recorder = host.Services.GetRequiredService<IEventRecorder>();
        var widget = Widget.Named("games", "w");

        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");
        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");

        Assert.StartsWith(Creation + "?", await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.StartsWith(Creation + "?", await api.NextRequestAsync(), StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task Stop_does_not_wait_for_a_busy_server_to_take_an_event()
    {
        await using var api = await ScriptedApi.StartAsync();
        const int refusals = 10;
        for (var time = 0; time < refusals; time++)
            api.ThenText("{}", StatusCodes.Status503ServiceUnavailable);
        await using var host = await StartAsync(api);

        host.Services.GetRequiredService<IEventRecorder>()
            .Warning(Widget.Named("games", "w"), "Faded", "Inspect", "The widget is pale.");
        await api.NextRequestAsync();
        await host.StopAsync();

        // One more request if the stop found the recorder waiting, and all requests it had sent before the stop.
        var requests = 1;
        for (; api.HasRequest; requests++)
            await api.NextRequestAsync();
        Assert.InRange(requests, 1, refusals - 1);
    }

    private Task<RuntimeHost> StartAsync(ScriptedApi api) => RuntimeHost.StartAsync(
        cluster, _ => { }, connection: new KubernetesClientConfiguration { Host = api.Url });

    private static async Task RefuseAsync(HttpResponse response, Channel<string> names, int status, string reason)
    {
        var sent = await JsonNode.ParseAsync(response.HttpContext.Request.Body, cancellationToken: Cancellation);
        names.Writer.TryWrite((string)sent!["metadata"]!["name"]!);
        response.StatusCode = status;
        await response.WriteAsync(new JsonObject { ["reason"] = reason }.ToJsonString(), Cancellation);
    }
}
