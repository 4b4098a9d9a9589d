using System.Text.RegularExpressions;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Support;

/// <summary>The agent as a process, as in production, with a local world.</summary>
internal sealed partial class AgentProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ProcessHost _process;

    private AgentProcess(ProcessHost process, AgentEndpoints endpoints)
    {
        _process = process;
        Endpoints = endpoints;
    }

    /// <summary>The program under test.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "aether-agent");

    // The published native binary, unless the agent was compiled after it was published.
    private static string NativeProgram
    {
        get
        {
            var published = Path.GetFullPath(Path.Combine(
                AppContext.BaseDirectory, "..", "..", "..", "publish", "Aether.Agent",
                Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "aether-agent"));
            return File.Exists(published)
                && File.GetLastWriteTimeUtc(published) >= File.GetLastWriteTimeUtc(Program + ".dll")
                ? published
                : Program;
        }
    }

    /// <summary>The command <c>aether</c> beside the native binary, or beside the program under test.</summary>
    public static string Command => Path.Combine(Path.GetDirectoryName(NativeProgram)!, "aether");

    public AgentEndpoints Endpoints { get; }

    public ProcessHost Process => _process;

    /// <summary>
    /// Starts an agent with a local world in <paramref name="folder"/>; it listens when the task completes.
    /// </summary>
    public static Task<AgentProcess> StartAsync(string folder) =>
        StartAsync(folder, ["--local", folder], new Dictionary<string, string>());

    /// <summary>As <see cref="StartAsync(string)"/>, with the native binary if there is one.</summary>
    public static Task<AgentProcess> StartNativeAsync(
        string folder, IReadOnlyDictionary<string, string> environment) =>
        StartCommandAsync(folder, [NativeProgram, "--local", folder], environment);

    /// <summary>
    /// Starts an agent with its sockets in <paramref name="folder"/>; it listens when the task completes.
    /// </summary>
    public static Task<AgentProcess> StartAsync(
        string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment) =>
        StartAsync(folder, arguments, environment, inside: null);

    /// <summary>As the other overload, in a namespace with mounts of its own.</summary>
    public static Task<AgentProcess> StartAsync(
        string folder,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        MountNamespace? inside) =>
        StartCommandAsync(
            folder, inside is null ? [Program, .. arguments] : inside.In([Program, .. arguments]), environment);

    /// <summary>The first line of its log that contains a text, past or future.</summary>
    public Task<string> SaysAsync(string text) => _process.WaitForLineAsync(
        line => line.Contains(text, StringComparison.Ordinal), Patience, TestContext.Current.CancellationToken);

    private static async Task<AgentProcess> StartCommandAsync(
        string folder, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var process = await LaunchAsync(folder, command, environment);
        var line = await process.WaitForLineAsync(
            text => text.Contains("Listening:", StringComparison.Ordinal), StartTimeout,
            TestContext.Current.CancellationToken);
        var health = new Uri(HealthAddress().Match(line).Groups[1].Value);
        return new AgentProcess(process, new AgentEndpoints(folder, health));
    }

    /// <summary>Runs a program for a test, with its logs in <paramref name="folder"/>.</summary>
    public static Task<ProcessHost> LaunchAsync(
        string folder, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment) =>
        ProcessHost.StartAsync(new ProcessSpec
        {
            Name = Path.GetFileName(command[0]),
            FileName = command[0],
            Arguments = [.. command.Skip(1)],
            WorkingDirectory = folder,
            LogDirectory = folder,
            Environment = environment,
        });

    /// <summary>Kills it by SIGKILL.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Asks it to stop; returns its exit code.</summary>
    public Task<int> StopAsync() => _process.StopAsync(StopTimeout);

    public async ValueTask DisposeAsync()
    {
        Endpoints.Dispose();
        await _process.DisposeAsync();
    }

    [GeneratedRegex("health (http://\\S+)")]
    private static partial Regex HealthAddress();
}
