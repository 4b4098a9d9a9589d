using System.Text.Json;
using System.Text.RegularExpressions;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Operator.Tests;

/// <summary>The operator as a separate process, as in production, with an API server that does not answer.</summary>
public sealed partial class OperatorProcessTests : IDisposable
{
    private const string NoInotify =
        "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$0\" \"$@\"";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("operator-process");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact, Trait("Field", "F11")]
    public async Task Operator_starts_without_a_free_inotify_instance()
    {
        await using var process = await StartAsync(
            "unshare",
            ["--user", "--map-root-user", "sh", "-c", NoInotify, "dotnet"],
            new Dictionary<string, string>());

        await process.WaitForLineAsync(Started, Patience, Stop);
    }

    [Fact, Trait("Field", "F34")]
    public async Task The_log_has_a_time_and_one_line_for_each_entry()
    {
        await using var process = await StartAsync("dotnet", [], new Dictionary<string, string>());

        await process.WaitForLineAsync(Started, Patience, Stop);

        Assert.All(process.NewestLines(), line => Assert.Matches(Entry(), line));
    }

    [Fact, Trait("Field", "F34")]
    public async Task Log_is_JSON_with_times_if_the_console_formatter_is_json()
    {
        var variables = new Dictionary<string, string> { ["Logging__Console__FormatterName"] = "json" };
        await using var process = await StartAsync("dotnet", [], variables);

        using var entry = JsonDocument.Parse(await process.WaitForLineAsync(Started, Patience, Stop));

        Assert.Equal("Information", entry.RootElement.GetProperty("LogLevel").GetString());
        Assert.StartsWith("20", entry.RootElement.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
    }

    private static bool Started(string line) => line.Contains("Application started", StringComparison.Ordinal);

    private async Task<ProcessHost> StartAsync(
        string program, IReadOnlyList<string> before, IReadOnlyDictionary<string, string> variables)
    {
        var kubeconfig = Path.Combine(_folder.Path, "kubeconfig");
        await File.WriteAllTextAsync(
            kubeconfig,
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: none, user: {token: none}}]
            contexts: [{name: none, context: {cluster: none, user: none}}]
            current-context: none
            """,
            Stop);
        return await ProcessHost.StartAsync(new ProcessSpec
        {
            Name = "operator",
            FileName = Binary.Find(program, program == "dotnet" ? "dotnet-sdk-10.0" : "util-linux"),
            Arguments =
            [
                .. before,
                Path.Combine(AppContext.BaseDirectory, "aether-operator.dll"),
                "--kubeconfig", kubeconfig,
                $"--Operator:HealthAddress=127.0.0.1:{FreePort.Next()}",
                $"--Operator:WebhookAddress=127.0.0.1:{FreePort.Next()}",
            ],
            WorkingDirectory = _folder.Path,
            LogDirectory = _folder.Path,
            Environment = new Dictionary<string, string>(variables)
            {
                ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
            },
        });
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn|fail|crit): \S.*\[\d+\] \S")]
    private static partial Regex Entry();
}
