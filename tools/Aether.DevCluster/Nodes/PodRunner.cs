using System.Net;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Nodes.Volumes;
using k8s;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// The life of one pod: volumes, init containers in their order, main containers, the end. Sidecars (init containers
/// with <c>restartPolicy: Always</c>) start when the sidecar before them has started, and stop last, in reverse order.
/// </summary>
internal sealed class PodRunner
{
    private static readonly TimeSpan LeastSidecarGrace = TimeSpan.FromSeconds(2);

    private readonly Kubernetes _client;
    private readonly PodContext _context;
    private readonly PodStatusBuilder _statusBuilder;
    private readonly PodStatusWriter _status;
    private readonly IReadOnlyList<ContainerRunner> _init;
    private readonly IReadOnlyList<ContainerRunner> _main;
    private readonly TaskCompletionSource<TimeSpan> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile PodProgress _progress = PodProgress.Initializing;
    private volatile NotYetException? _missing;

    public PodRunner(Kubernetes client, PodContext context)
    {
        _client = client;
        _context = context;
        var pod = context.Pod;
        _statusBuilder = new PodStatusBuilder(context);
        _status = new PodStatusWriter(client, pod, BuildStatus, context.Options.Clock);
        var rule = Enum.Parse<RestartRule>(pod.Spec.RestartPolicy ?? nameof(RestartRule.Always));
        var initRule = rule == RestartRule.Never ? RestartRule.Never : RestartRule.OnFailure;
        _init = [.. (pod.Spec.InitContainers ?? []).Select(container => new ContainerRunner(
            context, container, IsSidecar(container) ? RestartRule.Always : initRule, _status.Touch))];
        _main = [.. pod.Spec.Containers.Select(container => new ContainerRunner(
            context, container, rule, _status.Touch))];
    }

    public V1Pod Pod => _context.Pod;

    public string Address => _context.Address;

    /// <summary>The volumes, for tests that look into them.</summary>
    public VolumeSet Volumes => _context.Volumes;

    /// <summary>Runs the pod until its object is deleted.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var statusWrites = _status.RunAsync(cancellationToken);
        using (var stopped = new CancellationTokenSource())
        {
            var ended = RunContainersAsync(stopped.Token);
            await Task.WhenAny(ended, _stop.Task).WaitAsync(cancellationToken);
            await stopped.CancelAsync();
            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsFaulted)
                await ended;
        }

        if (_progress is PodProgress.Running)
            _progress = PodProgress.Ended;
        await TerminateAsync();
        _status.Touch();
        await Task.WhenAny(_deleted.Task, _gone.Task, _lost.Task).WaitAsync(cancellationToken);
        _status.Complete();
        await statusWrites;
        _reported.TrySetResult();
        await Task.WhenAny(_deleted.Task, _gone.Task).WaitAsync(cancellationToken);
        if (!_gone.Task.IsCompleted)
            await DeleteAsync(cancellationToken);
        await _gone.Task.WaitAsync(cancellationToken);
        _context.Volumes.Dispose();
    }

    /// <summary>Updates the pod from the API server.</summary>
    public void Observe(V1Pod pod)
    {
        if (pod.Metadata.DeletionTimestamp is null)
            return;
        var grace = pod.Metadata.DeletionGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds ?? 30;
        _stop.TrySetResult(TimeSpan.FromSeconds(grace));
        _deleted.TrySetResult();
    }

    /// <summary>The pod's object is deleted: ends all its processes.</summary>
    public void Vanished()
    {
        _status.Complete();
        KillAll();
        _gone.TrySetResult();
    }

    /// <summary>
    /// Simulates the loss of the pod's node: every process is killed, none is restarted. The pod's status is not
    /// written any more once the task has completed.
    /// </summary>
    public async Task LoseAsync()
    {
        _progress = PodProgress.Lost;
        _lost.TrySetResult();
        KillAll();
        _status.Touch();
        await _reported.Task;
    }

    /// <summary>The runner of a container of that name.</summary>
    public ContainerRunner Container(string name) =>
        _init.Concat(_main).FirstOrDefault(runner => runner.Container.Name == name)
        ?? throw new ArgumentException($"Pod {Pod.Metadata.Name} has no container {name}.", nameof(name));

    private static bool IsSidecar(V1Container container) => container.RestartPolicy == "Always";

    private async Task RunContainersAsync(CancellationToken cancellationToken)
    {
        _status.Touch();
        await MakeVolumesAsync(cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var refresh = RefreshVolumesAsync(ended.Token);
        if (await InitializeAsync(cancellationToken))
        {
            _progress = PodProgress.Running;
            foreach (var runner in _main)
                runner.Start();
            await Task.WhenAll(_main.Select(runner => runner.Finished)).WaitAsync(cancellationToken);
        }
        else
        {
            _progress = PodProgress.Failed;
        }

        await ended.CancelAsync();
        await refresh.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> InitializeAsync(CancellationToken cancellationToken)
    {
        foreach (var runner in _init)
        {
            runner.Start();
            if (IsSidecar(runner.Container))
                await runner.Started.WaitAsync(cancellationToken);
            else if (await runner.Finished.WaitAsync(cancellationToken) != 0)
                return false;
        }

        return true;
    }

    private async Task MakeVolumesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _context.Objects.NextChange;
            try
            {
                _context.Volumes.Refresh();
                _missing = null;
                return;
            }
            catch (NotYetException missing)
            {
                _missing = missing;
                _status.Touch();
                await next.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task RefreshVolumesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _context.Objects.NextChange.WaitAsync(cancellationToken);
            await MakeVolumesAsync(cancellationToken);
        }
    }

    private async Task TerminateAsync()
    {
        var clock = _context.Options.Clock;
        var grace = _stop.Task.IsCompleted
            ? await _stop.Task
            : TimeSpan.FromSeconds(Pod.Spec.TerminationGracePeriodSeconds ?? 30);
        var since = clock.GetTimestamp();
        await Task.WhenAll(_main.Concat(_init.Where(runner => !IsSidecar(runner.Container)))
            .Select(runner => runner.StopAsync(grace)));
        foreach (var sidecar in _init.Where(runner => IsSidecar(runner.Container)).Reverse())
        {
            var left = grace - clock.GetElapsedTime(since);
            await sidecar.StopAsync(left > LeastSidecarGrace ? left : LeastSidecarGrace);
        }
    }

    private void KillAll()
    {
        _stop.TrySetResult(TimeSpan.Zero);
        foreach (var runner in _init.Concat(_main))
            runner.Kill();
    }

    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            var options = new JsonObject
            {
                ["gracePeriodSeconds"] = 0,
                ["preconditions"] = new JsonObject { ["uid"] = Pod.Metadata.Uid },
            };
            var path = $"/api/v1/namespaces/{Pod.Metadata.NamespaceProperty}/pods/{Pod.Metadata.Name}";
            await _client.DeleteAsync(path, options, cancellationToken);
        }
        catch (ApiException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            _gone.TrySetResult();
        }
    }

    private V1PodStatus BuildStatus()
    {
        var status = _statusBuilder.Build(_init, _main, _progress);
        // Written even if empty, because a merge patch keeps fields that it does not name.
        status.Message = _missing?.Message ?? "";
        return status;
    }
}
