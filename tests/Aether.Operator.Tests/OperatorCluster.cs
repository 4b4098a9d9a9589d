using Aether.ControllerRuntime;
using Aether.Operator.Certificates;
using Aether.Operator.Hosting;
using Aether.Operator.Kinds;
using Aether.TestServers;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.Operator.Tests;

/// <summary>
/// An API server with the shipped CRDs, rights and webhook, and the operator in this process, logged in as its own
/// service account. No network leads to a Service here, so the Service is an alias of localhost.
/// </summary>
public class OperatorCluster : IAsyncLifetime
{
    public const string System = "aether-system";
    public const string Games = "games";

    private readonly string[] _arguments;
    private readonly EtcdServer _etcd = new();
    private readonly ApiServer _api;
    private readonly ServiceAccountName _account = new(System, "aether-operator");
    private readonly int _webhookPort = FreePort.Next();
    private readonly int _healthPort = FreePort.Next();
    private ServiceProvider? _services;
    private WebApplication? _operator;

    public OperatorCluster()
        : this([])
    {
    }

    /// <param name="arguments">Further command-line arguments of the operator.</param>
    protected OperatorCluster(string[] arguments)
    {
        _arguments = arguments;
        _api = new ApiServer(_etcd, _account);
    }

    /// <summary>The administrator's client.</summary>
    internal IObjectClient Objects => _services!.GetRequiredService<IObjectClient>();

    /// <summary>The administrator's KubernetesClient, for requests that the object client does not offer.</summary>
    public Kubernetes Admin => field ??= new Kubernetes(AdminConfiguration());

    /// <summary>The operator's address for the kubelet and Prometheus.</summary>
    public Uri Health => new UriBuilder("http", "127.0.0.1", _healthPort).Uri;

    /// <summary>The operator's address for the API server.</summary>
    public Uri Webhook => new UriBuilder("https", "127.0.0.1", _webhookPort).Uri;

    public async ValueTask InitializeAsync()
    {
        await _etcd.StartAsync(CancellationToken.None);
        await _api.StartAsync(CancellationToken.None);
        var services = new ServiceCollection().AddLogging().AddSingleton(AdminConfiguration());
        services.AddKubernetesOperator(new OperatorSettings { Name = "admin" });
        _services = services.BuildServiceProvider();

        await InstallAsync();
        await StartOperatorAsync();
    }

    public async Task StartOperatorAsync()
    {
        _operator = OperatorApplication.Build(
        [
            "--kubeconfig", _api.KubeconfigOf(_account),
            "--Operator:HealthAddress", Health.Authority,
            "--Operator:WebhookAddress", Webhook.Authority,
            "--Operator:AgentImage", "aether-agent:test",
            .. _arguments,
        ]);
        await _operator.StartAsync();
        var keeper = _operator.Services.GetRequiredService<CertificateKeeper>();
        await Eventually.IsTrueAsync(() => Task.FromResult(keeper.IsReady), CancellationToken.None);
        await ReachedAsync();
    }

    /// <summary>
    /// Waits until the API server reaches and trusts the operator's webhook, whose configuration it reads through a
    /// watch.
    /// </summary>
    public Task ReachedAsync() => Eventually.IsTrueAsync(
        async () => (await RehearseAsync()).Contains("Create it first", StringComparison.Ordinal),
        CancellationToken.None);

    public async Task StopOperatorAsync()
    {
        await _operator!.StopAsync();
        await _operator.DisposeAsync();
        _operator = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_operator is not null)
            await StopOperatorAsync();
        if (_services is not null)
            await _services.DisposeAsync();
        Admin.Dispose();
        await _api.DisposeAsync();
        await _etcd.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The objects of a shipped manifest.</summary>
    internal static async Task<IReadOnlyList<object>> ManifestsAsync(string path) =>
        await KubernetesYaml.LoadAllFromFileAsync(
            Path.Combine(AppContext.BaseDirectory, path),
            new Dictionary<string, Type>
            {
                [$"{WorldPersistence.GroupVersion}/{WorldPersistence.KindName}"] = typeof(WorldPersistence),
                [$"{PersistenceBackend.GroupVersion}/{PersistenceBackend.KindName}"] = typeof(PersistenceBackend),
            },
            strict: true);

    private KubernetesClientConfiguration AdminConfiguration() =>
        KubernetesClientConfiguration.BuildConfigFromConfigFile(_api.AdminKubeconfig);

    private async Task InstallAsync()
    {
        foreach (var name in (string[])["persistencebackends", "worldpersistences"])
        {
            await Admin.CreateCustomResourceDefinitionAsync(
                Manifest<V1CustomResourceDefinition>($"crds/persistence.aether.dev_{name}.yaml"));
            await Eventually.IsTrueAsync(() => IsEstablishedAsync($"{name}.persistence.aether.dev"), default);
        }

        foreach (var name in (string[])[System, Games])
            await Admin.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } });
        await Admin.CreateClusterRoleAsync(Manifest<V1ClusterRole>("config/rbac/operator_role.yaml"));
        await Admin.CreateClusterRoleBindingAsync(
            Manifest<V1ClusterRoleBinding>("config/rbac/operator_role_binding.yaml"));
        foreach (var name in (string[])["leader_election", "backend_secrets"])
        {
            await Admin.CreateNamespacedRoleAsync(Manifest<V1Role>($"config/rbac/{name}_role.yaml"), System);
            await Admin.CreateNamespacedRoleBindingAsync(
                Manifest<V1RoleBinding>($"config/rbac/{name}_role_binding.yaml"), System);
        }

        var service = Manifest<V1Service>("config/webhook/service.yaml");
        service.Spec = new V1ServiceSpec { Type = "ExternalName", ExternalName = "localhost" };
        await Admin.CreateNamespacedServiceAsync(service, System);
        var webhook = Manifest<V1MutatingWebhookConfiguration>("config/webhook/configuration.yaml");
        webhook.Webhooks[0].ClientConfig.Service.Port = _webhookPort;
        await Admin.CreateMutatingWebhookConfigurationAsync(webhook);
    }

    // The API server's answer about a pod of a missing world, which only the webhook can give.
    private async Task<string> RehearseAsync()
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = "rehearsal-",
                Labels = new Dictionary<string, string> { ["persistence.aether.dev/world"] = "no-such-world" },
            },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "none", Image = "none" }] },
        };
        try
        {
            await Admin.CreateNamespacedPodAsync(pod, Games, dryRun: "All");
            return "";
        }
        catch (HttpOperationException refusal)
        {
            return refusal.Response.Content;
        }
    }

    private async Task<bool> IsEstablishedAsync(string name)
    {
        var definition = await Admin.ReadCustomResourceDefinitionAsync(name);
        return definition.Status?.Conditions?.Any(
            condition => condition is { Type: "Established", Status: "True" }) == true;
    }

    private static TManifest Manifest<TManifest>(string path) =>
        KubernetesYaml.Deserialize<TManifest>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, path)));
}
