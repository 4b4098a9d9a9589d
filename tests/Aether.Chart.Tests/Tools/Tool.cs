using System.Globalization;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Chart.Tests.Tools;

/// <summary>A program that platform engineers use, run as they run it.</summary>
/// <param name="program">Path of the program.</param>
/// <param name="folder">Folder for its output.</param>
/// <param name="environment">Variables in addition to this process's own.</param>
internal sealed class Tool(
    string program, TemporaryFolder folder, IReadOnlyDictionary<string, string>? environment = null)
{
    private static readonly Lazy<Task<string>> Fetched = new(FetchAsync);

    private int _runs;

    /// <summary>Working folder. Default: the clone.</summary>
    public string WorkingDirectory { get; init; } = Clone.Root;

    /// <summary>$HELM, the helm in PATH if it is recent, or the helm from .ci/helm.sh.</summary>
    /// <remarks>Helm 3 words refusals differently, and waits for ReplicaSets, which do not exist here.</remarks>
    public static async Task<string> FindHelmAsync()
    {
        if (Named("HELM") is { } named)
            return named;
        return OnPath("helm") is { } found && !await IsHelm3Async(found)
            ? found
            : Path.Combine(await Fetched.Value, "helm");
    }

    /// <summary>$KUBECTL, or the kubectl from .ci/helm.sh, because that of Debian 12 is too old.</summary>
    public static async Task<string> FindKubectlAsync() =>
        Named("KUBECTL") ?? Path.Combine(await Fetched.Value, "kubectl");

    /// <summary>Runs the program to its end.</summary>
    public async Task<ToolResult> RunAsync(params IReadOnlyList<string> arguments)
    {
        var run = Interlocked.Increment(ref _runs).ToString(CultureInfo.InvariantCulture);
        await using var process = await ProcessHost.StartAsync(new ProcessSpec
        {
            Name = $"{Path.GetFileName(program)}-{run}",
            FileName = program,
            Arguments = arguments,
            WorkingDirectory = WorkingDirectory,
            LogDirectory = folder.Path,
            Environment = environment ?? new Dictionary<string, string>(),
        });
        var exitCode = await process.Exited.WaitAsync(TestContext.Current.CancellationToken);
        await process.OutputEnded.WaitAsync(TestContext.Current.CancellationToken);
        return new ToolResult(
            exitCode, await File.ReadAllTextAsync(process.OutputFile), await File.ReadAllTextAsync(process.ErrorFile));
    }

    /// <summary>Runs the program to its end; returns its standard output.</summary>
    /// <exception cref="InvalidOperationException">The program failed; the message says how.</exception>
    public async Task<string> OutputAsync(params IReadOnlyList<string> arguments)
    {
        var result = await RunAsync(arguments);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {result.ExitCode}:\n{result.All}");
    }

    private static string? Named(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path ? path : null;

    private static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private static async Task<bool> IsHelm3Async(string program)
    {
        using var logs = new TemporaryFolder("helm");
        var version = await new Tool(program, logs).OutputAsync("version", "--short");
        return version.StartsWith("v3.", StringComparison.Ordinal);
    }

    private static async Task<string> FetchAsync()
    {
        using var logs = new TemporaryFolder("helm");
        var output = await new Tool(Clone.PathOf(".ci", "helm.sh"), logs).OutputAsync();
        return output.TrimEnd();
    }
}
