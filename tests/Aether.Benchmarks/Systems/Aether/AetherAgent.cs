using Aether.Client;
using Aether.TestServers.Processes;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>
/// Ours as a world uses it: the agent as a process with a world in a folder, asked through its Unix socket with the
/// SDK.
/// </summary>
internal sealed class AetherAgent : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly ProcessHost _process;

    private AetherAgent(ProcessHost process, AetherWorld world)
    {
        _process = process;
        World = world;
    }

    public AetherWorld World { get; }

    public static async Task<AetherAgent> StartAsync(string folder)
    {
        var process = await ProcessHost.StartAsync(new ProcessSpec
        {
            Name = "aether-agent",
            FileName = Find(),
            Arguments = ["--local", folder],
            WorkingDirectory = folder,
            LogDirectory = folder,
        });
        await process.WaitForLineAsync(
            line => line.Contains("Listening:", StringComparison.Ordinal), StartTimeout, CancellationToken.None);
        var world = await AetherWorld.ConnectAsync(
            new AetherWorldOptions { SocketPath = Path.Combine(folder, "agent.sock") });
        return new AetherAgent(process, world);
    }

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        await _process.DisposeAsync();
    }

    // The native binary that ships, where it has been published (make build); else the one that was compiled.
    private static string Find()
    {
        var artifacts = Path.Combine(AppContext.BaseDirectory, "../../..");
        var native = Path.GetFullPath(Path.Combine(artifacts, "publish/Aether.Agent/release/aether-agent"));
        return File.Exists(native)
            ? native
            : Path.GetFullPath(Path.Combine(artifacts, "bin/Aether.Agent/release/aether-agent"));
    }
}
