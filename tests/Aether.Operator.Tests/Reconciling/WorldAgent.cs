using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Processes;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>The agent of a world as a separate process, as in a pod, configured by the world's Secret alone.</summary>
internal sealed class WorldAgent : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder;
    private readonly ProcessHost _process;

    private WorldAgent(TemporaryFolder folder, ProcessHost process) => (_folder, _process) = (folder, process);

    // Run the agent from its own folder, since tests and agent have types of the same names. Do not use the executable
    // beside the assembly: publishing the agent as a native program removes it.
    private static string Assembly { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Aether.Agent",
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "aether-agent.dll"));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The exit code, once the agent has ended.</summary>
    public Task<int> Exited => _process.Exited;

    /// <summary>
    /// Starts an agent on a volume, with the content of the world's Secret and the variables that a pod would add.
    /// </summary>
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

    /// <summary>Updates the settings from the world's Secret, as the kubelet would.</summary>
    public async Task ConfigureAsync(V1Secret secret)
    {
        var configuration = _folder.File("config");
        foreach (var file in Directory.GetFiles(configuration).Where(
            file => !secret.Data.ContainsKey(Path.GetFileName(file))))
            File.Delete(file);
        await WriteAsync(secret, configuration);
    }

    /// <summary>Connects to the agent once it serves.</summary>
    public Task<AetherWorld> ConnectAsync() => AetherWorld.ConnectAsync(
        new AetherWorldOptions { SocketPath = _folder.File("agent.sock"), ReadyTimeout = StartTimeout }, Stop);

    /// <summary>The first line of the agent's log that contains the text.</summary>
    public Task<string> WaitForLineAsync(string text) => _process.WaitForLineAsync(
        line => line.Contains(text, StringComparison.Ordinal), StartTimeout, Stop);

    /// <summary>Stops the agent; returns its exit code.</summary>
    public Task<int> StopAsync() => _process.StopAsync(StopTimeout);

    /// <summary>Kills the agent as the kernel would.</summary>
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
