using Aether.Agent.Tests.Support;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Guide;

/// <summary>The world of docs/guide.md in one of its languages, run like a developer would.</summary>
internal static class GuideWorld
{
    public const string CSharp = "C#";
    public const string TypeScript = "TypeScript";
    public const string Curl = "curl";

    private static readonly Lazy<Task<string>> TypeScriptFolder = new(CompileTypeScriptAsync);

    /// <summary>Starts the world beside the agent whose sockets are in <paramref name="folder"/>.</summary>
    /// <param name="language">The language.</param>
    /// <param name="folder">The local world's folder.</param>
    /// <param name="run">Name of this run, used for its log files.</param>
    /// <param name="coins">Number of coins to earn.</param>
    public static async Task<ProcessHost> StartAsync(string language, TemporaryFolder folder, string run, int coins)
    {
        var work = language == TypeScript ? await TypeScriptFolder.Value : folder.Path;
        string[] command = language switch
        {
            CSharp => [Path.Combine(AppContext.BaseDirectory, "guide-world")],
            TypeScript => [Binary.Find("node", "nodejs"), "built/world.js"],
            Curl => [Clone.PathOf("config/samples/guide/curl/world.sh")],
            _ => throw new ArgumentOutOfRangeException(nameof(language), language, "no such world"),
        };
        return await ProcessHost.StartAsync(new ProcessSpec
        {
            Name = run,
            FileName = command[0],
            Arguments = [.. command.Skip(1), $"{coins}"],
            WorkingDirectory = work,
            LogDirectory = folder.Path,
            Environment = new Dictionary<string, string>
            {
                ["AETHER_SOCKET"] = folder.File("agent.sock"),
                ["AETHER_HTTP_SOCKET"] = folder.File("http.sock"),
            },
        });
    }

    private static async Task<string> CompileTypeScriptAsync()
    {
        using var logs = new TemporaryFolder("guide");
        await using var compile = await AgentProcess.LaunchAsync(
            logs.Path, [Clone.PathOf(".ci/guide.sh")], new Dictionary<string, string>());
        var exitCode = await compile.Exited;
        await compile.OutputEnded;
        Assert.True(exitCode == 0, string.Join('\n', compile.NewestLines()));
        return (await File.ReadAllTextAsync(compile.OutputFile)).Trim();
    }
}
