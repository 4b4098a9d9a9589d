using System.Diagnostics;
using Aether.Client;
using Aether.TestServers.Processes;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>
/// Our system as a world uses it: the agent as a process with a world in a folder, reached through its Unix socket with
/// the SDK.
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

    /// <summary>Resident memory of the process: VmRSS of /proc, in MiB.</summary>
    public double ResidentMiB =>
        double.Parse(
            File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/status"))
                .Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / 1024;

    public static async Task<AetherAgent> StartAsync(string folder)
    {
        var process = await LaunchAsync(folder);
        await process.WaitForLineAsync(
            line => line.Contains("Listening:", StringComparison.Ordinal), StartTimeout, CancellationToken.None);
        var world = await AetherWorld.ConnectAsync(
            new AetherWorldOptions { SocketPath = Path.Combine(folder, "agent.sock") });
        return new AetherAgent(process, world);
    }

    /// <summary>
    /// Measures the time from the start of an agent's process until it serves its world; then stops it.
    /// </summary>
    public static async Task<TimeSpan> TimeToServeAsync(string folder)
    {
        var started = Stopwatch.GetTimestamp();
        await using var process = await LaunchAsync(folder);
        await process.WaitForLineAsync(
            line => line.Contains("Serving ", StringComparison.Ordinal), StartTimeout, CancellationToken.None);
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Size that the agent's program adds to its image.</summary>
    public static double ProgramMegabytes() => new FileInfo(Find()).Length / 1e6;

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        await _process.DisposeAsync();
    }

    private static Task<ProcessHost> LaunchAsync(string folder) =>
        ProcessHost.StartAsync(new ProcessSpec
        {
            Name = "aether-agent",
            FileName = Find(),
            Arguments = ["--local", folder],
            WorkingDirectory = folder,
            LogDirectory = folder,
        });

    // The native binary if it was published (make build), else the compiled program.
    private static string Find()
    {
        var artifacts = Path.Combine(AppContext.BaseDirectory, "../../..");
        var native = Path.GetFullPath(Path.Combine(artifacts, "publish/Aether.Agent/release/aether-agent"));
        return File.Exists(native)
            ? native
            : Path.GetFullPath(Path.Combine(artifacts, "bin/Aether.Agent/release/aether-agent"));
    }
}
