using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Clusters;
using Aether.DevCluster.Nodes;
using Aether.TestServers;
using k8s;
using k8s.Models;

namespace Aether.Chart.Tests.Releases;

/// <summary>
/// An API server and a node, with nothing installed for helm to find. The node runs the operator from the chart's pods;
/// only the API server's address and the account's token, which a kubelet would mount, are in the image's environment.
/// </summary>
public abstract class HelmCluster : IAsyncLifetime
{
    /// <summary>Namespace of worlds.</summary>
    internal const string Games = "games";

    /// <summary>Another namespace.</summary>
    internal const string Lobby = "lobby";

    private protected static readonly ServiceAccountName OperatorAccount = new(HelmChart.Namespace, "aether-operator");

    private readonly EtcdServer _etcd = new();
    private DeploymentRunner? _deployments;

    private protected HelmCluster()
    {
        Server = new ApiServer(_etcd, OperatorAccount);
    }

    internal TemporaryFolder Folder { get; } = new("release");

    internal Tool Helm { get; private set; } = null!;

    internal Tool Kubectl { get; private set; } = null!;

    internal Kubernetes Client { get; private set; } = null!;

    internal ManifestApplier Manifests { get; private set; } = null!;

    internal Node Node { get; private set; } = null!;

    internal ServiceRoute Route { get; private set; } = null!;

    /// <summary>
    /// Variables with which helm and kubectl find this cluster, without any of the user's own settings.
    /// </summary>
    internal IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["KUBECONFIG"] = Server.AdminKubeconfig,
        ["HELM_CONFIG_HOME"] = Folder.File("config"),
        ["HELM_CACHE_HOME"] = Folder.File("cache"),
        ["HELM_DATA_HOME"] = Folder.File("data"),
    };

    private protected ApiServer Server { get; }

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <inheritdoc />
    public virtual async ValueTask InitializeAsync()
    {
        await _etcd.StartAsync(Stop);
        await Server.StartAsync(Stop);
        Client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Server.AdminKubeconfig));
        Manifests = new ManifestApplier(Client);
        Helm = new Tool(await Tool.FindHelmAsync(), Folder, Variables);
        Kubectl = new Tool(await Tool.FindKubectlAsync(), Folder, Variables);
        Node = await Node.StartAsync(Client, new NodeOptions { Images = new ImageTable(Images()) }, Stop);
        _deployments = new DeploymentRunner(Client, Node.Pods);
        await _deployments.StartAsync(Stop);
        Route = new ServiceRoute(Client, Node.Pods);
        await Route.StartAsync(Stop);
    }

    /// <inheritdoc />
    public virtual async ValueTask DisposeAsync()
    {
        if (_deployments is not null)
            await _deployments.DisposeAsync();
        if (Route is not null)
            await Route.DisposeAsync();
        if (Node is not null)
            await Node.DisposeAsync();
        Client?.Dispose();
        await Server.DisposeAsync();
        await _etcd.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Pods of the operator that are not being deleted.</summary>
    internal IReadOnlyList<V1Pod> Operators() => [.. Node.Pods.Items.Where(pod =>
        pod.Metadata.DeletionTimestamp is null
        && pod.Metadata.NamespaceProperty == HelmChart.Namespace
        && pod.Metadata.Labels?.ContainsKey("pod-template-hash") == true)];

    /// <summary>Waits until the API server reaches a ready operator's webhook and trusts it.</summary>
    /// <param name="namespace">A namespace for which the webhook is called.</param>
    internal async Task ReachedAsync(string @namespace = Games)
    {
        await Route.SettledAsync();
        await WebhookReadiness.WaitAsync(Client, Stop, @namespace);
    }

    /// <summary>An object without a spec.</summary>
    internal static JsonObject Object(string apiVersion, string kind, string? @namespace, string name)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace is not null)
            metadata["namespace"] = @namespace;
        return new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }

    /// <summary>The programs behind the images of the cluster's pods.</summary>
    private protected abstract IReadOnlyDictionary<string, Image> Images();

    /// <summary>The compiled operator, with its account in this cluster.</summary>
    private protected Image OperatorImage()
    {
        var program = ProgramImages.Managed("Aether.Operator", "aether-operator");
        return program with
        {
            Environment = new Dictionary<string, string>(program.Environment!)
            {
                ["KUBECONFIG"] = Server.KubeconfigOf(OperatorAccount),
            },
        };
    }
}
