using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Aether.TestServers.Processes;

/// <summary>
/// One process started by a test: its output is kept, its lines can be awaited, and it never outlives the test run.
/// </summary>
/// <remarks>
/// The kernel kills the process when the thread that started it ends (setpriv's --pdeathsig). So each process has its
/// own thread, which starts it and then waits for its end; a pool thread might end earlier.
/// </remarks>
public sealed partial class ProcessHost : IAsyncDisposable
{
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly ProcessSpec _spec;
    private readonly TimeProvider _clock;
    private readonly Process _process;
    private readonly OutputLog _output = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _pumps = Task.CompletedTask;

    private ProcessHost(ProcessSpec spec, TimeProvider clock)
    {
        _spec = spec;
        _clock = clock;
        _process = new Process { StartInfo = StartInfoFor(spec) };
    }

    /// <summary>Process id.</summary>
    public int Id { get; private set; }

    /// <summary>Completes with the exit code when the process ends (128 + n for signal n).</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>Completes when its whole output is in the two files.</summary>
    public Task OutputEnded => _pumps;

    /// <summary>Whether it is running.</summary>
    public bool IsRunning => !_exited.Task.IsCompleted;

    /// <summary>File with its standard output.</summary>
    public string OutputFile => Path.Combine(_spec.LogDirectory, _spec.Name + ".out.log");

    /// <summary>File with its standard error.</summary>
    public string ErrorFile => Path.Combine(_spec.LogDirectory, _spec.Name + ".err.log");

    /// <summary>Starts a process.</summary>
    public static async Task<ProcessHost> StartAsync(ProcessSpec spec, TimeProvider? clock = null)
    {
        var host = new ProcessHost(spec, clock ?? TimeProvider.System);
        new Thread(host.Own) { IsBackground = true, Name = $"owner of {spec.Name}" }.Start();
        await host._started.Task;
        return host;
    }

    /// <summary>Runs a program to its end and returns its last lines.</summary>
    /// <exception cref="ProcessExitedException">Its exit code is not zero.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        await using var host = await StartAsync(spec);
        var exitCode = await host.Exited.WaitAsync(cancellationToken);
        await host._pumps.WaitAsync(cancellationToken);
        return exitCode == 0 ? host.NewestLines() : throw host.Ended();
    }

    /// <summary>The newest lines of both outputs, oldest first.</summary>
    public IReadOnlyList<string> NewestLines(int count = 100) => _output.Newest(count);

    /// <summary>The first line, past or future, that <paramref name="matches"/>.</summary>
    /// <exception cref="ProcessExitedException">
    /// The process ended, or the time ran out, without such a line.
    /// </exception>
    public Task<string> WaitForLineAsync(
        Func<string, bool> matches, TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitAsync(_output.WhenLine(matches), timeout, cancellationToken);

    /// <summary>The first line after this call that <paramref name="matches"/>.</summary>
    /// <exception cref="ProcessExitedException">
    /// The process ended, or the time ran out, without such a line.
    /// </exception>
    public Task<string> WaitForNextLineAsync(
        Func<string, bool> matches, TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitAsync(_output.WhenNextLine(matches), timeout, cancellationToken);

    /// <summary>Sends a signal; does nothing if the process has ended.</summary>
    /// <remarks>After <see cref="UnixSignal.Stop"/> the process is stopped when this method returns.</remarks>
    public void Send(UnixSignal signal)
    {
        if (IsRunning)
            SendTo(Id, signal);
    }

    /// <summary>Asks the process to end, and kills it if it has not ended in time.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(TimeSpan grace, UnixSignal signal = UnixSignal.Terminate)
    {
        Send(signal);
        await Task.WhenAny(_exited.Task, Task.Delay(grace, _clock));
        return await KillAsync();
    }

    /// <summary>Kills the process and waits for its end.</summary>
    public async Task<int> KillAsync()
    {
        Send(UnixSignal.Kill);
        return await _exited.Task.WaitAsync(KillTimeout, _clock);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        // A grandchild may hold the pipes open after the end of its parent; do not wait for it.
        await Task.WhenAny(_pumps, Task.Delay(KillTimeout, _clock));
        _process.Dispose();
    }

    /// <summary>Sends a signal to a process that this class did not start, such as a server's worker.</summary>
    /// <remarks>After <see cref="UnixSignal.Stop"/> the process is stopped when this method returns.</remarks>
    internal static void SendTo(int processId, UnixSignal signal)
    {
        _ = SendSignal(processId, (int)signal);
        // A thread keeps running until it receives the signal; on a busy machine that is long enough to answer one more
        // request.
        if (signal == UnixSignal.Stop && !SpinWait.SpinUntil(() => ProcessState.IsStopped(processId), StopTimeout))
            throw new TimeoutException($"Process {processId} still runs {StopTimeout.TotalSeconds} s after SIGSTOP.");
    }

    private async Task<string> WaitAsync(Task<string> line, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            if (await Task.WhenAny(line, _exited.Task).WaitAsync(timeout, _clock, cancellationToken) != line)
            {
                await _pumps.WaitAsync(KillTimeout, _clock, cancellationToken);
                if (!line.IsCompleted)
                    throw Ended();
            }
        }
        catch (TimeoutException)
        {
            throw new ProcessExitedException($"{_spec.Name} was not ready within {timeout}.{Tail()}");
        }

        return await line;
    }

    private static ProcessStartInfo StartInfoFor(ProcessSpec spec)
    {
        var info = new ProcessStartInfo(Binary.Find("setpriv", "util-linux"))
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.ArgumentList.Add("--pdeathsig");
        info.ArgumentList.Add("KILL");
        if (spec.User is { } user)
        {
            info.ArgumentList.Add("--reuid=" + user.Uid.ToString(CultureInfo.InvariantCulture));
            info.ArgumentList.Add("--regid=" + user.Gid.ToString(CultureInfo.InvariantCulture));
            info.ArgumentList.Add("--clear-groups");
        }

        info.ArgumentList.Add("--");
        info.ArgumentList.Add(spec.FileName);
        foreach (var argument in spec.Arguments)
            info.ArgumentList.Add(argument);
        if (!spec.InheritEnvironment)
            info.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
            info.Environment[name] = value;
        return info;
    }

    private void Own()
    {
        try
        {
            _process.Start();
            _process.StandardInput.Close();
            Id = _process.Id;
        }
        catch (Win32Exception exception)
        {
            _exited.SetResult(-1);
            _started.SetException(exception);
            return;
        }

        _pumps = Task.WhenAll(
            _output.PumpAsync(_process.StandardOutput, OutputFile),
            _output.PumpAsync(_process.StandardError, ErrorFile));
        _started.SetResult();
        _process.WaitForExit();
        _exited.SetResult(_process.ExitCode);
    }

    private ProcessExitedException Ended() =>
        new($"{_spec.Name} ended with exit code {_process.ExitCode}.{Tail()}");

    private string Tail() => string.Concat(NewestLines(20).Select(line => "\n  " + line));

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
