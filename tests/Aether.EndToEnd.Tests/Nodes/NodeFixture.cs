using System.Globalization;
using Aether.DevCluster.Nodes;
using Aether.EndToEnd.Tests.Nodes;
using Aether.TestServers;
using k8s;
using k8s.Models;

[assembly: AssemblyFixture(typeof(NodeFixture))]

namespace Aether.EndToEnd.Tests.Nodes;

/// <summary>An API server and a node with one image, <c>sh</c>; started on first use.</summary>
public sealed class NodeFixture : IAsyncDisposable
{
    private readonly Lazy<Task> _started;
    private readonly EtcdServer _etcd = new();
    private ApiServer? _server;
    private Kubernetes? _client;
    private Node? _node;
    private int _namespaces;

    public NodeFixture()
    {
        _started = new Lazy<Task>(() => StartAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Runs a shell with the container's args.</summary>
    internal const string ShellImage = "sh:test";

    internal Kubernetes Client => _client ?? throw new InvalidOperationException("Create a namespace first.");

    internal Node Node => _node ?? throw new InvalidOperationException("Create a namespace first.");

    /// <summary>A new namespace for the test.</summary>
    internal async Task<string> NewNamespaceAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await _started.Value;
        var number = Interlocked.Increment(ref _namespaces).ToString(CultureInfo.InvariantCulture);
        var body = new V1Namespace { Metadata = new V1ObjectMeta { Name = $"node-{number}" } };
        await Client.CoreV1.CreateNamespaceAsync(body, cancellationToken: cancellationToken);
        return body.Metadata.Name;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_node is { } node)
            await node.DisposeAsync();
        _client?.Dispose();
        if (_server is { } server)
            await server.DisposeAsync();
        await _etcd.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await _etcd.StartAsync(cancellationToken);
        _server = new ApiServer(_etcd);
        await _server.StartAsync(cancellationToken);
        _client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.AdminKubeconfig));
        var images = new ImageTable(new Dictionary<string, Image> { [ShellImage] = new(["/bin/sh", "-c"]) });
        _node = await Node.StartAsync(_client, new NodeOptions { Images = images }, cancellationToken);
    }
}
