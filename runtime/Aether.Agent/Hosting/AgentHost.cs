using System.Net.Sockets;
using Aether.Agent.Grpc;
using Aether.Agent.Health;
using Aether.Agent.Json;
using Aether.Agent.Metrics;
using Aether.Agent.Reports;
using Aether.Agent.Settings;
using Aether.Agent.Surfaces;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Prometheus;

namespace Aether.Agent.Hosting;

/// <summary>The agent as a whole: its listeners, and the world behind them.</summary>
internal sealed class AgentHost : IAsyncDisposable
{
    // Subscriptions and waits keep their calls open, and clients in some languages send all calls over one connection.
    private const int MaxCallsPerConnection = 1000;

    // Longest time for sending the last answers before connections are closed.
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AgentHost(WebApplication app) => _app = app;

    /// <summary>Completes when the agent listens on all addresses.</summary>
    public Task Listening => _listening.Task;

    /// <summary>Address of /healthz, /readyz and /metrics, with the actual port.</summary>
    public Uri HealthAddress => new(
        _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .Single(address => !address.Contains("unix:", StringComparison.Ordinal)));

    /// <summary>Builds an agent; nothing runs yet.</summary>
    /// <param name="options">The settings at the start.</param>
    /// <param name="settings">Yields changed settings; null: settings never change.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="onFailure">See <see cref="PersistenceRuntime.OnFailure"/>.</param>
    /// <exception cref="ArgumentException">The engine refuses its settings.</exception>
    public static AgentHost Build(
        AgentOptions options, SettingsSource? settings, TimeProvider clock, Action<Exception>? onFailure = null)
    {
        // An empty builder reads no settings but the agent's own, and contains no code that could read others.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AgentLogging.Configure(builder.Logging, options);
        ConfigureListeners(builder.WebHost, options);
        ConfigureServices(builder.Services, options, clock);
        builder.Services.AddSingleton(provider => new SettingsWatch(
            settings, options, provider.GetRequiredService<WorldStores>(), clock,
            provider.GetRequiredService<ILogger<SettingsWatch>>()));

        var app = builder.Build();
        app.Services.GetRequiredService<PersistenceRuntime>().OnFailure = onFailure ?? (_ => { });
        var status = app.Services.GetRequiredService<WorldStatus>();
        var gauges = app.Services.GetRequiredService<StatusMetrics>();
        app.Services.GetRequiredService<CollectorRegistry>()
            .AddBeforeCollectCallback(() => gauges.Update(status.Current));
        app.UseRouting();
        app.UseSurfaceGate();
        app.MapGrpcService<WorldService>().On(Surface.Grpc);
        app.MapJson();
        app.MapHealth();
        return new AgentHost(app);
    }

    /// <summary>Listens, and serves the world until it is asked to stop or fails. Returns the exit code.</summary>
    /// <exception cref="InvalidSettingsException">An address cannot be listened on.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken stop)
    {
        var options = _app.Services.GetRequiredService<AgentOptions>();
        var session = _app.Services.GetRequiredService<WorldSession>();
        await ListenAsync(options);
        _listening.SetResult();
        session.LogListening(
            options.SocketPath, options.HttpSocketPath, HealthAddress.GetLeftPart(UriPartial.Authority));

        var exitCode = await ServeAsync(session, stop);
        await StopListeningAsync();
        return exitCode;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void ConfigureListeners(IWebHostBuilder web, AgentOptions options) =>
        web.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AetherNames.MaxMessageBytes;
            kestrel.Limits.Http2.MaxStreamsPerConnection = MaxCallsPerConnection;
            kestrel.ListenUnixSocket(options.SocketPath, listener =>
            {
                listener.Protocols = HttpProtocols.Http2;
                listener.UseSurface(Surface.Grpc);
            });
            kestrel.ListenUnixSocket(options.HttpSocketPath, listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.UseSurface(Surface.Json);
            });
            kestrel.Listen(options.HealthAddress, listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.UseSurface(Surface.Health);
            });
        });

    private static void ConfigureServices(IServiceCollection services, AgentOptions options, TimeProvider clock)
    {
        var registry = global::Prometheus.Metrics.NewCustomRegistry();
        var metrics = global::Prometheus.Metrics.WithCustomRegistry(registry);
        services.AddSingleton(options);
        services.AddSingleton(clock);
        services.AddSingleton(registry);
        services.AddSingleton<AgentMetrics>();
        services.AddSingleton<EngineMetrics>();
        DotNetStats.Register(registry);
        services.AddSingleton<IMetricFactory>(metrics);
        services.AddSingleton(provider => new VolumeMetrics(
            metrics, options, provider.GetRequiredService<WorldStores>().Ports.Volume,
            provider.GetRequiredService<ILogger<VolumeMetrics>>()));
        services.AddSingleton<StatusMetrics>();
        services.AddSingleton(provider => WorldStores.Create(
            options, clock, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new PersistenceRuntime(
            options.Engine, provider.GetRequiredService<WorldStores>().Ports, clock,
            provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<EngineMetrics>()));
        services.AddSingleton(provider => provider.GetRequiredService<WorldStores>().Events);
        services.AddSingleton<StateReaders>();
        services.AddSingleton<WorldCommits>();
        services.AddSingleton<WorldEvents>();
        services.AddSingleton<WorldStatus>();
        services.AddSingleton<WorldSession>();
        services.AddSingleton<WorldReporter>();
        services.AddSingleton(new IdleMemory(new IdleMemory.ProcessHeap(), clock));

        services.AddSingleton<IHostLifetime, NoSignals>();
        services.AddRoutingCore();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = AetherNames.MaxMessageBytes;
            grpc.MaxSendMessageSize = null;
            grpc.Interceptors.Add<RefusalInterceptor>();
        });
        services.AddSingleton<RefusalInterceptor>();
        services.AddSingleton<WorldService>();
        services.RemoveAll(typeof(IServiceMethodProvider<>));
        services.AddSingleton<IServiceMethodProvider<WorldService>, DecodingErrors>();
    }

    private async Task<ExitCode> ServeAsync(WorldSession session, CancellationToken stop)
    {
        var reporter = _app.Services.GetRequiredService<WorldReporter>();
        using var ended = new CancellationTokenSource();
        var reporting = Task.Run(() => reporter.RunAsync(stop, ended.Token), CancellationToken.None);
        var watch = _app.Services.GetRequiredService<SettingsWatch>();
        var watching = Task.Run(() => watch.RunAsync(ended.Token), CancellationToken.None);
        var trimming = _app.Services.GetRequiredService<IdleMemory>().RunAsync(ended.Token);
        var exitCode = await session.RunAsync(stop);
        await ended.CancelAsync();
        await Task.WhenAll(reporting, watching, trimming);
        await reporter.SendFinalReportAsync(exitCode);
        return exitCode;
    }

    private async Task ListenAsync(AgentOptions options)
    {
        UnixSocket.Prepare(AetherVariables.Socket, options.SocketPath);
        UnixSocket.Prepare(AetherVariables.HttpSocket, options.HttpSocketPath);
        try
        {
            await _app.StartAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new InvalidSettingsException([
                $"Cannot listen on {options.SocketPath}, {options.HttpSocketPath} and {options.HealthAddress}: "
                + $"{e.Message} Correct the addresses in the AETHER_* settings."]);
        }

        UnixSocket.Restrict(options.SocketPath);
        UnixSocket.Restrict(options.HttpSocketPath);
    }

    // Send the last answers before closing connections: a client whose call is cut off does not learn that its agent is
    // fenced, and retries for a minute.
    private async Task StopListeningAsync()
    {
        using var patience = new CancellationTokenSource(AnswerPatience);
        try
        {
            await _app.StopAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // Connections that were still open have been closed.
        }
    }
}
