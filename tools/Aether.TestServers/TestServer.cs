using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>
/// A real server as a process started by a test, on a free port of 127.0.0.1 with its data in a temporary folder. It
/// can be stopped or killed, and started again on the same port and data. Not thread-safe.
/// </summary>
public abstract class TestServer : IAsyncDisposable
{
    private const int PortAttempts = 10;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a test's own client waits for a running server: with the clients' default limits of a few seconds a
    /// busy machine would fail the test.
    /// </summary>
    public static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(60);

    /// <summary>Set by <c>make unit</c>, whose tests need no servers: none can be started.</summary>
    public static bool AreOff { get; } = Environment.GetEnvironmentVariable("AETHER_NO_SERVERS") is { Length: > 0 };

    private readonly TemporaryFolder _folder;
    private readonly string _name;
    private bool _prepared;

    /// <summary>Names the server, for messages and for its folder.</summary>
    protected TestServer(string name)
    {
        _name = name;
        _folder = new TemporaryFolder(name);
    }

    /// <summary>Address it listens on.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>Port it listens on; fixed by the first start.</summary>
    public int Port { get; private set; }

    /// <summary>Folder with its data, configuration and logs.</summary>
    public string Folder => _folder.Path;

    /// <summary>Whether its process runs.</summary>
    public bool IsRunning => Process is { IsRunning: true };

    /// <summary>The process, from the first start on.</summary>
    public ProcessHost? Process { get; private set; }

    /// <summary>The signal for an orderly stop.</summary>
    protected virtual UnixSignal StopSignal => UnixSignal.Terminate;

    /// <summary>Starts the server, also after a stop; it serves when the task completes.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (AreOff)
            throw new InvalidOperationException(
                $"{_name} does not start: AETHER_NO_SERVERS is set, as make unit does. A test that needs a server must "
                + "not have the trait Kind=Unit.");
        if (IsRunning)
            throw new InvalidOperationException($"{_name} runs already on port {Port}.");
        if (!_prepared)
            await PrepareAsync(cancellationToken);
        _prepared = true;

        if (Port != 0)
            await LaunchAsync(cancellationToken);
        else
            await LaunchOnAFreePortAsync(cancellationToken);
    }

    /// <summary>Stops the server in order.</summary>
    public async Task StopAsync()
    {
        if (Process is { } process)
            await process.StopAsync(StopTimeout, StopSignal);
    }

    /// <summary>Kills the server; everything that it had not written is lost.</summary>
    public virtual async Task KillAsync()
    {
        if (Process is { } process)
            await process.KillAsync();
    }

    /// <summary>Freezes the server: connections stay open, nothing is answered.</summary>
    public void Freeze() => Process?.Send(UnixSignal.Stop);

    /// <summary>Resumes the server after <see cref="Freeze"/>.</summary>
    public void Thaw() => Process?.Send(UnixSignal.Continue);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (Process is { } process)
            await process.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The process to run on <see cref="Port"/>.</summary>
    protected abstract ProcessSpec Describe();

    /// <summary>Whether a line of its log shows that it serves.</summary>
    protected abstract bool IsReady(string line);

    /// <summary>Waits for conditions that the log does not show; called at every start, after that line.</summary>
    protected virtual Task ConfirmAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called once, before the first start.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Another process may take the port between the check and the start; then try the next one.
    private async Task LaunchOnAFreePortAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePort.Next();
            try
            {
                await LaunchAsync(cancellationToken);
                return;
            }
            catch (ProcessExitedException exception) when (
                attempt < PortAttempts && exception.Message.Contains("in use", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
        }
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        if (Process is { } former)
            await former.DisposeAsync();
        Process = await ProcessHost.StartAsync(Describe());
        await Process.WaitForLineAsync(IsReady, StartTimeout, cancellationToken);
        await ConfirmAsync(cancellationToken);
    }
}
