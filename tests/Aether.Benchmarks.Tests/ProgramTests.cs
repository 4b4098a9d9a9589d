using System.Text.Json;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Benchmarks.Tests;

/// <summary>Runs the program as `make bench` does, and checks the form of its output, never the numbers.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task A_run_with_JSON_prints_a_line_per_system()
    {
        var lines = await RunAsync("log.fsync.1", "aether,raw");

        var results = lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["aether", "raw"], results.Select(result => result.GetProperty("system").GetString()));
        Assert.All(results, result => Assert.Equal(
            "name system payload writers ops_s ops_s_min ops_s_max p50_us p99_us",
            string.Join(' ', result.EnumerateObject().Select(property => property.Name))));
        Assert.All(results, result => Assert.True(result.GetProperty("ops_s").GetDouble() > 0));
    }

    [Fact]
    public async Task An_unknown_name_is_answered_with_the_known_names()
    {
        var failure = await Assert.ThrowsAsync<ProcessExitedException>(() => RunAsync("log.fsync.2", ""));

        Assert.Contains("socket.fsync.64", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<string[]> RunAsync(string name, string systems)
    {
        using var folder = new TemporaryFolder("bench-test");
        await ProcessHost.RunAsync(
            new ProcessSpec
            {
                Name = "aether-benchmarks",
                FileName = Program(),
                WorkingDirectory = folder.Path,
                LogDirectory = folder.Path,
                Environment = new Dictionary<string, string>
                {
                    ["NAME"] = name,
                    ["SYSTEM"] = systems,
                    ["RUNS"] = "1",
                    ["SECONDS"] = "1",
                    ["JSON"] = "1",
                },
            },
            TestContext.Current.CancellationToken);
        return await File.ReadAllLinesAsync(
            folder.File("aether-benchmarks.out.log"), TestContext.Current.CancellationToken);
    }

    // In the build's output folder, with the native code of the peers.
    private static string Program()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(output.Parent!.Parent!.FullName, "Aether.Benchmarks", output.Name, "aether-benchmarks");
    }
}
