using Aether.DevCluster.Nodes.Probes;
using Aether.TestServers.Processes;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// Keeps one container running according to its restart rule: starts it, probes it, restarts it with growing pauses,
/// stops it. One task owns the process; other tasks use <see cref="StopAsync"/> and <see cref="Kill"/>.
/// </summary>
internal sealed class ContainerRunner(
    PodContext context, V1Container container, RestartRule rule, Action changed)
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _clock = context.Options.Clock;
    private volatile ProcessHost? _process;
    private volatile ContainerView _view = ContainerView.Waiting("PodInitializing");
    private Task<int> _loop = Task.FromResult(0);

    public V1Container Container { get; } = container;

    public ContainerView View => _view;

    /// <summary>
    /// Completes when the container has started, that is when its startup probe has succeeded for the first time.
    /// </summary>
    public Task Started => _started.Task;

    /// <summary>Completes with the last exit code when the container has ended for good.</summary>
    public Task<int> Finished => _loop;

    /// <summary>Process id of the present run; null between runs.</summary>
    public int? ProcessId => _process?.Id;

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Stops it for good: SIGTERM, then SIGKILL after the grace period.</summary>
    public Task<int> StopAsync(TimeSpan grace)
    {
        _stop.TrySetResult(grace);
        return _loop;
    }

    /// <summary>Kills it for good, without warning.</summary>
    public void Kill()
    {
        // Signal the stop first: otherwise the owning task could see the end of the process first and restart it.
        _stop.TrySetResult(TimeSpan.Zero);
        Send(UnixSignal.Kill);
    }

    /// <summary>Sends a signal to the present run. Its restart rule decides what happens next.</summary>
    public void Send(UnixSignal signal) => _process?.Send(signal);

    /// <summary>A line of the present run's output, past or future.</summary>
    /// <exception cref="InvalidOperationException">The container does not run.</exception>
    public Task<string> WaitForLineAsync(
        Func<string, bool> matches, TimeSpan timeout, CancellationToken cancellationToken) =>
        _process?.WaitForLineAsync(matches, timeout, cancellationToken)
        ?? throw new InvalidOperationException($"Container {Container.Name} does not run.");

    private async Task<int> RunAsync()
    {
        var exitCode = 0;
        for (var crashes = 0; await LaunchAsync() is { } process;)
        {
            var since = _clock.GetTimestamp();
            exitCode = await ObserveAsync(process);
            if (_stop.Task.IsCompleted || rule == RestartRule.Never || (rule == RestartRule.OnFailure && exitCode == 0))
                break;
            crashes = _clock.GetElapsedTime(since) >= context.Options.BackoffForgottenAfter ? 0 : crashes + 1;
            await BackOffAsync(crashes);
        }

        return exitCode;
    }

    /// <summary>Null if a stop was requested first.</summary>
    private async Task<ProcessHost?> LaunchAsync()
    {
        while (!_stop.Task.IsCompleted)
        {
            var next = context.Objects.NextChange;
            try
            {
                var process = await ProcessHost.StartAsync(new ContainerCommand(context).Main(Container), _clock);
                _process = process;
                Show(_view with
                {
                    State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = Now } },
                    Runs = _view.Runs + 1,
                });
                return process;
            }
            catch (NotYetException missing)
            {
                Show(_view with { State = ContainerView.Waiting(missing.Reason, missing.Message).State });
                await Task.WhenAny(next, _stop.Task);
            }
        }

        return null;
    }

    private async Task<int> ObserveAsync(ProcessHost process)
    {
        var startedAt = Now;
        string? reason = null;
        using var ended = new CancellationTokenSource();
        var probes = new ProbeSet(context, Container, OnStarted, OnReady).RunAsync(ended.Token);
        var first = await Task.WhenAny(process.Exited, _stop.Task, probes);
        if (first == _stop.Task)
            await process.StopAsync(await _stop.Task);
        else if (first == probes)
        {
            reason = await probes;
            await process.StopAsync(TimeSpan.FromSeconds(context.Pod.Spec.TerminationGracePeriodSeconds ?? 30));
        }

        var exitCode = await process.Exited;
        await ended.CancelAsync();
        await ((Task)probes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process = null;
        ProcessHost.SendTo(-process.Id, UnixSignal.Kill);
        await process.DisposeAsync();
        Show(_view with { State = Terminated(exitCode, startedAt, reason), Started = false, Ready = false });
        return exitCode;
    }

    private async Task BackOffAsync(int crashes)
    {
        var options = context.Options;
        var pause = options.FirstBackoff * Math.Pow(2, Math.Clamp(crashes - 1, 0, 16));
        if (pause > options.LongestBackoff)
            pause = options.LongestBackoff;
        Show(_view with
        {
            LastState = _view.State,
            State = ContainerView.Waiting("CrashLoopBackOff", $"back-off {pause} restarting container").State,
            RestartCount = _view.RestartCount + 1,
        });
        await Task.WhenAny(_stop.Task, Task.Delay(pause, _clock));
    }

    private static V1ContainerState Terminated(int exitCode, DateTime startedAt, string? reason) => new()
    {
        Terminated = new V1ContainerStateTerminated
        {
            ExitCode = exitCode,
            Signal = exitCode > 128 ? exitCode - 128 : null,
            Reason = exitCode == 0 ? "Completed" : "Error",
            Message = reason,
            StartedAt = startedAt,
        },
    };

    private void OnStarted()
    {
        Show(_view with { Started = true });
        _started.TrySetResult();
    }

    private void OnReady(bool ready)
    {
        if (_view.Ready != ready)
            Show(_view with { Ready = ready });
    }

    private void Show(ContainerView view)
    {
        _view = view;
        changed();
    }

    private DateTime Now => _clock.GetUtcNow().UtcDateTime;
}
