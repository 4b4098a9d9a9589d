using Aether.Agent.Hosting;
using Aether.Agent.Settings;

namespace Aether.Agent.Tests.Support;

/// <summary>An agent in this process, with a local world by default.</summary>
internal sealed class LocalAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly AgentHost _host;
    private readonly Task<ExitCode> _running;

    private LocalAgent(AgentHost host)
    {
        _host = host;
        _running = host.RunAsync(_stop.Token);
    }

    /// <summary>
    /// Starts an agent on <paramref name="folder"/>; it listens when the task completes, but may not serve yet.
    /// </summary>
    public static Task<LocalAgent> StartAsync(string folder, params (string Name, string Value)[] settings)
    {
        var given = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        return StartAsync(AgentOptionsReader.Read(name => given.GetValueOrDefault(name), folder), TimeProvider.System);
    }

    /// <summary>Starts an agent with any options.</summary>
    public static async Task<LocalAgent> StartAsync(AgentOptions options, TimeProvider clock)
    {
        var agent = new LocalAgent(AgentHost.Build(options, settings: null, clock));
        await Task.WhenAny(agent._host.Listening, agent._running);
        if (agent._running.IsFaulted)
            await agent._running;
        agent.Endpoints = new AgentEndpoints(
            Path.GetDirectoryName(options.SocketPath)!, agent._host.HealthAddress);
        return agent;
    }

    public AgentEndpoints Endpoints { get; private set; } = null!;

    /// <summary>Completes when it has ended, for any reason.</summary>
    public Task<ExitCode> Ended => _running;

    /// <summary>Asks it to stop, as SIGTERM does.</summary>
    public async Task<ExitCode> StopAsync()
    {
        await _stop.CancelAsync();
        return await _running;
    }

    public async ValueTask DisposeAsync()
    {
        Endpoints.Dispose();
        if (!_running.IsCompleted)
            await StopAsync();
        await _host.DisposeAsync();
        _stop.Dispose();
    }
}
