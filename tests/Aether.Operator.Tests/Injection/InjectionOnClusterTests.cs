using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Certificates;
using Aether.Operator.Kinds;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Aether.Operator.Tests.Injection;

public sealed class InjectionOnClusterTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private const string Webhook = "aether-operator";

    private static readonly ObjectKey CertificateSecret = new(OperatorCluster.System, "aether-operator-webhook-tls");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Labelled_pod_is_admitted_with_its_agent()
    {
        await CreateWorldAsync("first");

        var pod = await cluster.Admin.CreateNamespacedPodAsync(
            Pod("first"), OperatorCluster.Games, cancellationToken: Cancelled);

        Assert.Equal("aether-agent", pod.Spec.InitContainers[0].Name);
        Assert.Equal("Always", pod.Spec.InitContainers[0].RestartPolicy);
        Assert.Equal("aether-agent:test", pod.Spec.InitContainers[0].Image);
        Assert.Contains(pod.Spec.Containers[0].Env, variable => variable.Name == "AETHER_SOCKET");
        Assert.Equal("first-aether",
            pod.Spec.Volumes.Single(volume => volume.Name == "aether-config").Projected.Sources[0].Secret.Name);
    }

    [Fact]
    public async Task A_pod_created_from_an_injected_one_is_not_injected_again()
    {
        await CreateWorldAsync("copied");
        var pod = await cluster.Admin.CreateNamespacedPodAsync(
            Pod("copied"), OperatorCluster.Games, cancellationToken: Cancelled);

        var copy = await cluster.Admin.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    GenerateName = "copy-",
                    Labels = pod.Metadata.Labels,
                    Annotations = pod.Metadata.Annotations,
                },
                Spec = pod.Spec,
            },
            OperatorCluster.Games,
            cancellationToken: Cancelled);

        Assert.Equal(KubernetesJson.Serialize(pod.Spec), KubernetesJson.Serialize(copy.Spec));
    }

    [Fact]
    public async Task Pod_of_an_unknown_world_is_refused_with_a_remedy()
    {
        var error = await RefusedAsync(Pod("nowhere"));

        Assert.Contains("WorldPersistence nowhere in namespace games does not exist. Create it first", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_of_a_paused_world_is_refused_until_the_world_is_resumed()
    {
        await CreateWorldAsync("resting", spec => spec.Paused = true);

        var error = await RefusedAsync(Pod("resting"));
        await cluster.Objects.PatchAsync<WorldPersistence>(
            new ObjectKey(OperatorCluster.Games, "resting"), new JsonPatch().Replace("/spec/paused", false), Cancelled);
        var pod = await cluster.Admin.CreateNamespacedPodAsync(
            Pod("resting"), OperatorCluster.Games, cancellationToken: Cancelled);

        Assert.Contains("Set spec.paused to false", error, StringComparison.Ordinal);
        Assert.Equal("aether-agent", pod.Spec.InitContainers[0].Name);
    }

    [Fact]
    public async Task Dry_run_shows_the_agent_and_stores_nothing()
    {
        await CreateWorldAsync("rehearsed");

        var pod = await cluster.Admin.CreateNamespacedPodAsync(
            Pod("rehearsed"), OperatorCluster.Games, dryRun: "All", cancellationToken: Cancelled);
        var pods = await cluster.Admin.ListNamespacedPodAsync(
            OperatorCluster.Games, labelSelector: "persistence.aether.dev/world=rehearsed",
            cancellationToken: Cancelled);

        Assert.Equal("aether-agent", pod.Spec.InitContainers[0].Name);
        Assert.Empty(pods.Items);
    }

    [Fact]
    public async Task Labelled_pods_wait_for_the_operator_and_other_pods_do_not()
    {
        await CreateWorldAsync("orphaned");
        await cluster.StopOperatorAsync();
        try
        {
            var plain = Pod("orphaned");
            plain.Metadata.Labels.Clear();

            var created = await cluster.Admin.CreateNamespacedPodAsync(
                plain, OperatorCluster.Games, cancellationToken: Cancelled);
            var error = await RefusedAsync(Pod("orphaned"));

            Assert.Null(created.Spec.InitContainers);
            Assert.Contains("failed calling webhook", error, StringComparison.Ordinal);
        }
        finally
        {
            await cluster.StartOperatorAsync();
        }
    }

    [Theory]
    [InlineData("economy")]
    [InlineData("exchange")]
    public async Task The_pod_of_a_sample_gets_its_agent(string sample)
    {
        var objects = await OperatorCluster.ManifestsAsync($"config/samples/{sample}.yaml");
        var world = objects.OfType<WorldPersistence>().Single();
        world.Metadata.NamespaceProperty = OperatorCluster.Games;
        await cluster.Objects.CreateAsync(world, Cancelled);

        var pod = await cluster.Admin.CreateNamespacedPodAsync(
            objects.OfType<V1Pod>().Single(), OperatorCluster.Games, cancellationToken: Cancelled);

        Assert.Equal("aether-agent", pod.Spec.InitContainers[0].Name);
        Assert.Contains(pod.Spec.Volumes, volume => volume.Name == "aether-wal");
    }

    [Fact]
    public async Task The_sample_backend_is_accepted()
    {
        var objects = await OperatorCluster.ManifestsAsync("config/samples/backend.yaml");

        var backend = await cluster.Objects.CreateAsync(objects.OfType<PersistenceBackend>().Single(), Cancelled);

        Assert.Equal(
            objects.OfType<V1Secret>().Select(secret => secret.Metadata.Name),
            [
                backend.Spec.Postgres.AdminSecretRef.Name,
                backend.Spec.Redis!.AdminSecretRef!.Name,
                backend.Spec.Nats!.CredentialsSecretRef!.Name,
            ]);
    }

    [Fact]
    public async Task Changed_caBundle_is_restored()
    {
        var bundle = await BundleAsync();

        await SetStrangersBundleAsync();

        await Eventually.IsTrueAsync(async () => (await BundleAsync()).SequenceEqual(bundle), Cancelled);
        await cluster.ReachedAsync();
    }

    [Fact]
    public async Task Deleted_Secret_is_restored_with_the_served_certificate()
    {
        var before = await cluster.Objects.TryGetAsync<V1Secret>(CertificateSecret, Cancelled);

        await cluster.Objects.DeleteAsync<V1Secret>(CertificateSecret, preconditions: null, Cancelled);
        await SetStrangersBundleAsync();
        V1Secret? after = null;
        await Eventually.IsTrueAsync(
            async () => (after = await cluster.Objects.TryGetAsync<V1Secret>(CertificateSecret, Cancelled)) is not null,
            Cancelled);

        Assert.Equal(before!.Data["tls.crt"], after!.Data["tls.crt"]);
        await Eventually.IsTrueAsync(
            async () => (await BundleAsync()).SequenceEqual(after.Data["ca.crt"]), Cancelled);
        await cluster.ReachedAsync();
    }

    [Fact]
    public async Task A_restarted_operator_serves_the_same_certificate_and_writes_nothing()
    {
        var secret = await cluster.Objects.TryGetAsync<V1Secret>(CertificateSecret, Cancelled);
        var configuration = await ConfigurationAsync();

        await cluster.StopOperatorAsync();
        await cluster.StartOperatorAsync();

        Assert.Equal(
            secret!.Metadata.ResourceVersion,
            (await cluster.Objects.TryGetAsync<V1Secret>(CertificateSecret, Cancelled))!.Metadata.ResourceVersion);
        Assert.Equal(configuration.Metadata.ResourceVersion, (await ConfigurationAsync()).Metadata.ResourceVersion);
    }

    private static V1Pod Pod(string world) => new()
    {
        Metadata = new V1ObjectMeta
        {
            GenerateName = "world-",
            Labels = new Dictionary<string, string> { ["persistence.aether.dev/world"] = world },
        },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "world", Image = "world:1" }] },
    };

    private async Task CreateWorldAsync(string name, Action<WorldPersistenceSpec>? change = null)
    {
        var world = new WorldPersistence
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = OperatorCluster.Games },
        };
        change?.Invoke(world.Spec);
        await cluster.Objects.CreateAsync(world, Cancelled);
    }

    private async Task<string> RefusedAsync(V1Pod pod)
    {
        var error = await Assert.ThrowsAsync<HttpOperationException>(
            () => cluster.Admin.CreateNamespacedPodAsync(pod, OperatorCluster.Games, cancellationToken: Cancelled));
        return KubernetesJson.Deserialize<V1Status>(error.Response.Content).Message;
    }

    private async Task<V1MutatingWebhookConfiguration> ConfigurationAsync() =>
        await cluster.Admin.ReadMutatingWebhookConfigurationAsync(Webhook, cancellationToken: Cancelled);

    private async Task<byte[]> BundleAsync() => (await ConfigurationAsync()).Webhooks[0].ClientConfig.CaBundle;

    private async Task SetStrangersBundleAsync()
    {
        var stranger = Authority.Create(TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(1)).Certificate;
        await cluster.Objects.PatchAsync<V1MutatingWebhookConfiguration>(
            new ObjectKey(null, Webhook),
            new JsonPatch().Replace(
                "/webhooks/0/clientConfig/caBundle",
                Convert.ToBase64String(Encoding.ASCII.GetBytes(stranger.ExportCertificatePem()))),
            Cancelled);
    }
}
