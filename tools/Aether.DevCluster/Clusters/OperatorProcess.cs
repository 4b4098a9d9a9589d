using System.Globalization;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.DevCluster.Clusters;

/// <summary>
/// The operator as a process. It can be stopped, killed and started again, always on the same ports and under its own
/// service account.
/// </summary>
/// <param name="kubeconfig">Kubeconfig of the service account.</param>
/// <param name="logs">Folder of its log.</param>
/// <param name="options">Options of the process.</param>
internal sealed class OperatorProcess(string kubeconfig, string logs, OperatorOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new();
    private ProcessHost? _process;

    /// <summary>Port of the webhooks.</summary>
    public int WebhookPort { get; } = FreePort.Next();

    /// <summary>Port of /healthz, /readyz and /metrics.</summary>
    public int HealthPort { get; } = FreePort.Next();

    /// <summary>Id of the process that runs now.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The operator was not started.");

    /// <summary>File with its whole output.</summary>
    public string LogFile => Path.Combine(logs, "operator.out.log");

    /// <summary>Starts the operator; it is ready when the task completes.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_process is { } former)
            await former.DisposeAsync();
        var image = ProgramImages.Managed("Aether.Operator", "aether-operator");
        _process = await ProcessHost.StartAsync(new ProcessSpec
        {
            Name = "operator",
            FileName = image.Entrypoint[0],
            Arguments = [.. image.Entrypoint.Skip(1)],
            WorkingDirectory = logs,
            LogDirectory = logs,
            Environment = Environment(),
        });
        await WaitUntilReadyAsync(_process, cancellationToken);
    }

    /// <summary>Asks it to stop and waits for its end.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
            await process.StopAsync(StopGrace);
    }

    /// <summary>Kills it.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
            await process.KillAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_process is { } process)
            await process.DisposeAsync();
        _http.Dispose();
    }

    private Dictionary<string, string> Environment()
    {
        var variables = new Dictionary<string, string>
        {
            ["Operator__Kubeconfig"] = kubeconfig,
            ["Operator__HealthAddress"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{HealthPort}"),
            ["Operator__WebhookAddress"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{WebhookPort}"),
            ["Operator__AgentImage"] = ProgramImages.AgentImage,
            ["Logging__LogLevel__Microsoft"] = "Warning",
            ["Logging__LogLevel__FluentMigrator"] = "Warning",
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
        };
        if (options.DriftInterval is { } interval)
            variables["Operator__DriftInterval"] = interval.ToString("c", CultureInfo.InvariantCulture);
        foreach (var (name, value) in options.Environment)
            variables[name] = value;
        return variables;
    }

    private async Task WaitUntilReadyAsync(ProcessHost process, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ReadyTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            while (!await IsReadyAsync(either.Token))
            {
                if (!process.IsRunning)
                    throw new ProcessExitedException($"The operator ended before it was ready.{Tail(process)}");
                await Task.Delay(ReadyPoll, TimeProvider.System, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProcessExitedException($"The operator was not ready within {ReadyTimeout}.{Tail(process)}");
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HealthPort}/readyz"));
            using var response = await _http.GetAsync(url, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Tail(ProcessHost process) =>
        string.Concat(process.NewestLines(40).Select(line => "\n  " + line));
}
