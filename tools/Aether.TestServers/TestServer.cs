using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>
/// A real server as a process of the test's own, on a free port of 127.0.0.1 with its data in a temporary folder.
/// It can be stopped or killed and started again on the same port and data. Not thread-safe.
/// </summary>
public abstract class TestServer : IAsyncDisposable
{
    private const int PortAttempts = 10;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a client of a test's own waits for a server that is there: the clients' own bounds of a few seconds
    /// would have a busy machine fail the test.
    /// </summary>
    public static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(60);

    /// <summary>Set by <c>make unit</c>, whose tests need no servers: none starts.</summary>
    public static bool AreOff { get; } = Environment.GetEnvironmentVariable("AETHER_NO_SERVERS") is { Length: > 0 };

    private readonly TemporaryFolder _folder;
    private readonly string _name;
    private bool _prepared;

    /// <summary>Names the server, in messages and in its folder.</summary>
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

    /// <summary>How it is asked to stop.</summary>
    protected virtual UnixSignal StopSignal => UnixSignal.Terminate;

    /// <summary>Starts it, or starts it again; it serves when the task completes.</summary>
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

    /// <summary>Stops it in order.</summary>
    public async Task StopAsync()
    {
        if (Process is { } process)
            await process.StopAsync(StopTimeout, StopSignal);
    }

    /// <summary>Kills it; whatever it had not written is gone.</summary>
    public virtual async Task KillAsync()
    {
        if (Process is { } process)
            await process.KillAsync();
    }

    /// <summary>Freezes it: connections stay, nothing is answered.</summary>
    public void Freeze() => Process?.Send(UnixSignal.Stop);

    /// <summary>Lets it go on after <see cref="Freeze"/>.</summary>
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

    /// <summary>What to run on <see cref="Port"/>.</summary>
    protected abstract ProcessSpec Describe();

    /// <summary>Whether a line of its log says that it serves.</summary>
    protected abstract bool IsReady(string line);

    /// <summary>Waits for what the log does not tell; done at every start, after the line.</summary>
    protected virtual Task ConfirmAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Done once, before the first start.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Another process may take the port between the look and the start; then the next one will do.
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
