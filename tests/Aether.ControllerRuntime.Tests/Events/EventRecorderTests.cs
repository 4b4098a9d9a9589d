using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime.Tests.Events;

public sealed class EventRecorderTests(Cluster cluster)
{
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

    [Fact]
    public async Task An_event_whose_first_writing_failed_is_written_when_it_comes_again()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText("{}", StatusCodes.Status429TooManyRequests)
            .ThenText("""{"metadata":{"namespace":"games","name":"w.1"}}""");
        await using var host = await RuntimeHost.StartAsync(
            cluster, _ => { }, connection: new KubernetesClientConfiguration { Host = api.Url });
        var recorder = host.Services.GetRequiredService<IEventRecorder>();
        var widget = Widget.Named("games", "w");

        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");
        recorder.Normal(widget, "Painted", "Paint", "The widget is red.");

        const string creation = "/apis/events.k8s.io/v1/namespaces/games/events";
        Assert.StartsWith(creation, await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.StartsWith(creation, await api.NextRequestAsync(), StringComparison.Ordinal);
        await host.StopAsync();
    }
}
