using System.Text;
using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Api;
using Aether.Persistence.Contracts;
using Aether.TestServers.Certificates;

namespace Aether.Chart.Tests.Releases;

/// <summary>
/// A release with rights in one namespace and a certificate from an external issuer. The test plays that issuer, and
/// does what cert-manager does for the chart's request, because cert-manager itself is not available here.
/// </summary>
public sealed class NamespacedReleaseTests(ReleaseCluster cluster) : IClassFixture<ReleaseCluster>, IDisposable
{
    private readonly TestAuthority _authority = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Rights_in_one_namespace_and_a_mounted_certificate_are_sufficient()
    {
        await IssueAsync();
        var values = cluster.Values("watchNamespaces: [games]").Replace(
            "webhook: {", "webhook: {certificate: {provider: CertManager}, ", StringComparison.Ordinal);
        var installing = cluster.UpgradeAsync(values, WithoutCertManager());
        await TrustAsync(installing);
        await installing;

        await cluster.ReadyWorldAsync(ReleaseCluster.Games, "economy");
        await new WorldPod(cluster, "economy", "economy-0").RunAsync();
        var elsewhere = ReleaseCluster.Object(
            $"{AetherNames.Group}/v1alpha1", "WorldPersistence", ReleaseCluster.Lobby, "economy");
        elsewhere["spec"] = new JsonObject();
        await cluster.Manifests.ApplyAsync(elsewhere, Stop);
        await cluster.ReadyWorldAsync(ReleaseCluster.Games, "later");

        Assert.Empty(await cluster.ForbiddenAsync());
        var ignored = Assert.Single((await cluster.WorldsAsync()).Items, world =>
            world.Metadata.NamespaceProperty == ReleaseCluster.Lobby);
        // Only the fields that the schema gives every new world, and none from the operator.
        Assert.Equal(-1, (int?)ignored.Status?["observedGeneration"]);
        Assert.Null(ignored.Metadata.Finalizers);

        var access = new JsonObject
        {
            ["adminSecretRef"] = new JsonObject { ["namespace"] = ReleaseCluster.Lobby },
        };
        await cluster.Client.MergeAsync(
            $"/apis/{AetherNames.Group}/v1alpha1/persistencebackends/default",
            new JsonObject { ["spec"] = new JsonObject { ["redis"] = access } }, Stop);
        await using var backends = Caches.OfCustom(
            cluster.Client, AetherNames.Group, "v1alpha1", "persistencebackends", TimeProvider.System);
        await backends.StartAsync(Stop);
        await backends.UntilAsync(
            items => items.FirstOrDefault(item => item.Condition("Ready")?.Reason == "SecretForbidden"),
            "the backend to say that its Secret may not be read", Waiting.Step, Stop);
    }

    private async Task IssueAsync()
    {
        var files = await _authority.Issue($"aether-operator-webhook.{HelmChart.Namespace}.svc")
            .WriteAsync(cluster.Folder.Subfolder("issued"), Stop);
        var secret = ReleaseCluster.Object("v1", "Secret", HelmChart.Namespace, "aether-operator-webhook-tls");
        secret["type"] = "kubernetes.io/tls";
        secret["stringData"] = new JsonObject
        {
            ["tls.crt"] = await File.ReadAllTextAsync(files.Certificate, Stop),
            ["tls.key"] = await File.ReadAllTextAsync(files.Key, Stop),
        };
        await cluster.Manifests.ApplyAsync(secret, Stop);
    }

    // The API server does not know cert-manager's kinds, so the chart's requests are removed; the rest of the release
    // is unchanged.
    private string WithoutCertManager()
    {
        var folder = ChartCopy.Make(cluster.Folder.File("without"));
        File.Delete(Path.Combine(folder, "templates", "certificate.yaml"));
        return folder;
    }

    // A failed installation leaves nothing to trust, and reports the reason itself.
    private async Task TrustAsync(Task installing)
    {
        const string path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/aether-operator";
        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(_authority.Pem));
        while (!installing.IsFaulted)
        {
            try
            {
                var configuration = await cluster.Client.GetAsync(path, Stop);
                Assert.Equal(
                    $"{HelmChart.Namespace}/aether-operator-webhook",
                    (string?)configuration["metadata"]!["annotations"]!["cert-manager.io/inject-ca-from"]);
                configuration["webhooks"]![0]!["clientConfig"]!["caBundle"] = bundle;
                await cluster.Client.MergeAsync(
                    path, new JsonObject { ["webhooks"] = configuration["webhooks"]!.DeepClone() }, Stop);
                return;
            }
            catch (ApiException missing) when (missing.Status == System.Net.HttpStatusCode.NotFound)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
            }
        }
    }
}
