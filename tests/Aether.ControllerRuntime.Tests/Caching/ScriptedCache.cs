using System.Threading.Channels;
using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace Aether.ControllerRuntime.Tests.Caching;

/// <summary>A widget cache that runs against a scripted API server on the test's own clock.</summary>
internal sealed class ScriptedCache : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<EntityChange<Widget>> _changes = Channel.CreateUnbounded<EntityChange<Widget>>();
    private readonly Kubernetes _client;
    private readonly Task _running;

    public ScriptedCache(ScriptedApi api)
    {
        _client = new Kubernetes(new KubernetesClientConfiguration { Host = api.Url });
        var options = new OperatorSettings { Name = "test" };
        Cache = new EntityCache<Widget>(
            new CacheOptions<Widget>(),
            options,
            new ApiTransport(_client, Clock),
            new OwnWrites(),
            () => 0,
            new ControllerRuntimeMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())),
            NullLoggerFactory.Instance,
            Clock);
        Cache.Subscribe(change => _changes.Writer.TryWrite(change));
        _running = Cache.RunAsync(_stop.Token);
    }

    public WaitingClock Clock { get; } = new();

    public EntityCache<Widget> Cache { get; }

    public async Task<(EntityChangeKind Kind, string Name, string Version)> NextChangeAsync()
    {
        var change = await _changes.Reader.ReadAsync(TestContext.Current.CancellationToken);
        return (change.Kind, change.Key.Name, change.Entity.Metadata.ResourceVersion);
    }

    /// <summary>Advances the clock until the next request arrives, because a backoff or a deadline has ended.</summary>
    public async Task<string> NextRequestAsync(ScriptedApi api)
    {
        while (!api.HasRequest)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return await api.NextRequestAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _client.Dispose();
    }
}
