using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Processes;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>The agent of a world as the process it is in a pod: told everything by the world's Secret.</summary>
internal sealed class WorldAgent : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder;
    private readonly ProcessHost _process;

    private WorldAgent(TemporaryFolder folder, ProcessHost process) => (_folder, _process) = (folder, process);

    // Built beside the tests, and not copied into their folder: the two have types of the same names. Not the
    // executable beside it, which is there only until the agent is published as a native one.
    private static string Assembly { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Aether.Agent",
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "aether-agent.dll"));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Its exit code, once it has ended.</summary>
    public Task<int> Exited => _process.Exited;

    /// <summary>Starts it on a volume, with the content of the world's Secret and what a pod would add.</summary>
    public static async Task<WorldAgent> StartAsync(
        V1Secret secret, string volume, string pod, params (string Name, string Value)[] more)
    {
        var folder = new TemporaryFolder("world-agent");
        var configuration = folder.Subfolder("config");
        await WriteAsync(secret, configuration);
        var environment = new Dictionary<string, string>
        {
            [AetherVariables.ConfigDirectory] = configuration,
            [AetherVariables.WalDirectory] = volume,
            [AetherVariables.Holder] = pod,
            [AetherVariables.Socket] = folder.File("agent.sock"),
            [AetherVariables.HttpSocket] = folder.File("http.sock"),
            [AetherVariables.HealthAddress] = "127.0.0.1:0",
        };
        foreach (var (name, value) in more)
            environment[name] = value;
        return new WorldAgent(folder, await ProcessHost.StartAsync(new ProcessSpec
        {
            Name = "aether-agent",
            FileName = Binary.Find("dotnet", "dotnet-sdk-10.0"),
            Arguments = [Assembly],
            WorkingDirectory = folder.Path,
            LogDirectory = folder.Path,
            Environment = environment,
        }));
    }

    /// <summary>Gives it what the world's Secret says by now, as the kubelet would.</summary>
    public async Task ConfigureAsync(V1Secret secret)
    {
        var configuration = _folder.File("config");
        foreach (var file in Directory.GetFiles(configuration).Where(
            file => !secret.Data.ContainsKey(Path.GetFileName(file))))
            File.Delete(file);
        await WriteAsync(secret, configuration);
    }

    /// <summary>Connects to it once it serves.</summary>
    public Task<AetherWorld> ConnectAsync() => AetherWorld.ConnectAsync(
        new AetherWorldOptions { SocketPath = _folder.File("agent.sock"), ReadyTimeout = StartTimeout }, Stop);

    /// <summary>The first line of its log that holds that text.</summary>
    public Task<string> WaitForLineAsync(string text) => _process.WaitForLineAsync(
        line => line.Contains(text, StringComparison.Ordinal), StartTimeout, Stop);

    /// <summary>Asks it to stop; returns its exit code.</summary>
    public Task<int> StopAsync() => _process.StopAsync(StopTimeout);

    /// <summary>Kills it as the kernel would.</summary>
    public Task KillAsync() => _process.KillAsync();

    private static async Task WriteAsync(V1Secret secret, string configuration)
    {
        foreach (var (name, value) in secret.Data)
            await File.WriteAllBytesAsync(Path.Combine(configuration, name), value, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
