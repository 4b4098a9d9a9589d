using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Aether.DevCluster.Api;
using Aether.DevCluster.Nodes.Volumes;
using Aether.TestServers.Processes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// The scheduler and kubelet of a cluster with one node: takes every pod, runs its containers as processes of this
/// machine, and reports their state.
/// </summary>
/// <remarks>
/// There is no container runtime. A container's image names a program (<see cref="ImageTable"/>), its mounts are
/// folders to which paths are rewritten (<see cref="PathMap"/>), and <c>0.0.0.0:</c> at the start of a variable becomes
/// the pod's own address. Security contexts, limits, lifecycle hooks and network policies are not enforced. Order,
/// restarts, probes, signals, grace periods and the lifetime of volumes are as in Kubernetes.
/// </remarks>
internal sealed class Node : IAsyncDisposable
{
    private readonly Kubernetes _client;
    private readonly NodeOptions _options;
    private readonly ClusterObjects _objects;
    private readonly NodeFolder _folder = new();
    private readonly PodAddresses _addresses = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero,
    });

    private readonly ConcurrentDictionary<string, (PodRunner Runner, Task Run)> _pods = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<(WatchEventType Type, V1Pod Pod)> _changes =
        Channel.CreateUnbounded<(WatchEventType, V1Pod)>();

    private Task _loop = Task.CompletedTask;

    private Node(Kubernetes client, NodeOptions options)
    {
        _client = client;
        _options = options;
        _objects = new ClusterObjects(client, options.Clock);
        Pods = new ObjectCache<V1Pod, V1PodList>(
            token => client.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: token),
            (version, failed, token) => client.CoreV1.WatchListPodForAllNamespacesAsync(
                resourceVersion: version, allowWatchBookmarks: true, onError: failed, cancellationToken: token),
            options.Clock);
        Pods.Changed += (type, pod) => _changes.Writer.TryWrite((type, pod));
    }

    /// <summary>All pods, according to the API server.</summary>
    public ObjectCache<V1Pod, V1PodList> Pods { get; }

    /// <summary>Folder of the containers' output: <c>namespace_pod_container.out.log</c>, <c>.err.log</c>.</summary>
    public string Logs => _folder.Logs;

    /// <summary>Starts a node; it accepts pods when the task completes.</summary>
    public static async Task<Node> StartAsync(
        Kubernetes client, NodeOptions options, CancellationToken cancellationToken)
    {
        var node = new Node(client, options);
        await node.RegisterAsync(cancellationToken);
        await node._objects.StartAsync(cancellationToken);
        await node.Pods.StartAsync(cancellationToken);
        node._loop = Task.Run(() => node.FollowPodsAsync(node._stop.Token), CancellationToken.None);
        return node;
    }

    /// <summary>Sends a signal to a container's process. A killed process is restarted if its pod says so.</summary>
    public void Send(string @namespace, string pod, string container, UnixSignal signal) =>
        Find(@namespace, pod).Container(container).Send(signal);

    /// <summary>
    /// Simulates the loss of the node for one pod: SIGKILL to all its processes at once, without restarts. The pod's
    /// object stays, as it does when a node is lost; a new pod requires deleting it by force.
    /// </summary>
    /// <remarks>
    /// Delete the pod only after the task has completed. A write to an object that is being deleted without grace
    /// deletes it too, by its name, which would hit the next pod if it exists by then.
    /// </remarks>
    public async Task LosePodAsync(string @namespace, string pod)
    {
        var (runner, run) = FindRun(@namespace, pod);
        await Task.WhenAny(runner.LoseAsync(), run);
    }

    /// <summary>Path on this machine of a path in a container.</summary>
    public string HostPath(string @namespace, string pod, string container, string path)
    {
        var runner = Find(@namespace, pod);
        return runner.Volumes.PathsOf(runner.Container(container).Container).Rewrite(path);
    }

    /// <summary>Process id of a container's present run; null between runs.</summary>
    public int? ProcessId(string @namespace, string pod, string container) =>
        Find(@namespace, pod).Container(container).ProcessId;

    /// <summary>A line of the output of a container's present run, past or future.</summary>
    public Task<string> WaitForLineAsync(
        string @namespace,
        string pod,
        string container,
        Func<string, bool> matches,
        TimeSpan timeout,
        CancellationToken cancellationToken) =>
        Find(@namespace, pod).Container(container).WaitForLineAsync(matches, timeout, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Pods.DisposeAsync();
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (runner, _) in _pods.Values)
            runner.Vanished();
        await Task.WhenAll(_pods.Values.Select(pod => pod.Run)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _objects.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private PodRunner Find(string @namespace, string pod) => FindRun(@namespace, pod).Runner;

    private (PodRunner Runner, Task Run) FindRun(string @namespace, string pod)
    {
        var found = _pods.Values.LastOrDefault(entry =>
            entry.Runner.Pod.Metadata.NamespaceProperty == @namespace && entry.Runner.Pod.Metadata.Name == pod);
        return found.Runner is not null
            ? found
            : throw new ArgumentException($"No pod {@namespace}/{pod} runs on this node.", nameof(pod));
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _client.CoreV1.CreateNodeAsync(
                new V1Node { Metadata = new V1ObjectMeta { Name = _options.Name } },
                cancellationToken: cancellationToken);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // The node object exists from an earlier run.
        }
    }

    private async Task FollowPodsAsync(CancellationToken cancellationToken)
    {
        await foreach (var (type, pod) in _changes.Reader.ReadAllAsync(cancellationToken))
        {
            if (type == WatchEventType.Deleted)
                Forget(pod);
            else if (_pods.TryGetValue(pod.Metadata.Uid, out var running))
                running.Runner.Observe(pod);
            else if (string.IsNullOrEmpty(pod.Spec.NodeName))
                await BindAsync(pod, cancellationToken);
            else if (pod.Spec.NodeName == _options.Name && pod.Status?.Phase is not ("Succeeded" or "Failed"))
                Take(pod, cancellationToken);
        }
    }

    private void Take(V1Pod pod, CancellationToken cancellationToken)
    {
        var address = _addresses.Take();
        var volumes = new VolumeSet(pod, address, _objects, _folder);
        var runner = new PodRunner(
            _client, new PodContext(pod, address, _objects, volumes, _folder, _options, _http));
        runner.Observe(pod);
        _pods[pod.Metadata.Uid] = (runner, Task.Run(() => runner.RunAsync(cancellationToken), CancellationToken.None));
    }

    private void Forget(V1Pod pod)
    {
        if (!_pods.TryGetValue(pod.Metadata.Uid, out var running))
            return;
        running.Runner.Vanished();
        _ = running.Run.ContinueWith(
            _ =>
            {
                _pods.TryRemove(pod.Metadata.Uid, out var _);
                _addresses.Release(running.Runner.Address);
            },
            TaskScheduler.Default);
    }

    private async Task BindAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        var (name, @namespace) = (pod.Metadata.Name, pod.Metadata.NamespaceProperty);
        try
        {
            var binding = new V1Binding
            {
                Metadata = new V1ObjectMeta { Name = name },
                Target = new V1ObjectReference { Kind = "Node", Name = _options.Name },
            };
            await _client.CoreV1.CreateNamespacedPodBindingAsync(
                binding, name, @namespace, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException exception)
            when (exception.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // The pod was bound or deleted meanwhile; a watch event brings the rest.
        }
    }
}
