using System.Net;
using Aether.Chart.Tests.Rendering;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Api;
using Aether.Persistence.V1;
using k8s.Models;

namespace Aether.Chart.Tests.Releases;

/// <summary>The life of a release in a new cluster: the pods of the chart are what runs.</summary>
public sealed class ReleaseTests(ReleaseCluster cluster) : IClassFixture<ReleaseCluster>
{
    private const string Definition =
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/worldpersistences.persistence.aether.dev";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_install_to_reinstall_worlds_keep_acknowledged_writes()
    {
        await cluster.UpgradeAsync(cluster.Values());
        var uid = (await cluster.ReadyWorldAsync(ReleaseCluster.Games, "economy")).Metadata.Uid;
        var first = new WorldPod(cluster, "economy", "economy-0");
        var pod = await first.RunAsync();
        await PutAsync(first, "under", "the first release");
        Assert.Equal(2, cluster.Operators().Count);
        Assert.Empty(RestrictedPods.Violations(pod.Spec));
        Assert.Empty(await cluster.ForbiddenAsync());

        var installed = cluster.Operators().Select(item => item.Metadata.Name).ToList();
        await cluster.UpgradeAsync(cluster.Values("logLevel: Debug"), await NewerChartAsync());
        Assert.DoesNotContain(cluster.Operators(), item => installed.Contains(item.Metadata.Name));
        Assert.All(cluster.Operators(), item => Assert.Equal("Debug", LogLevel(item)));
        Assert.Contains("A newer sentence.", await DescriptionAsync(), StringComparison.Ordinal);
        await PutAsync(first, "after", "the upgrade");

        await cluster.Helm.OutputAsync(
            "rollback", "aether", "1", "--namespace", HelmChart.Namespace, "--wait", "--timeout", "5m");
        await cluster.ReachedAsync();
        Assert.All(cluster.Operators(), item => Assert.Equal("Information", LogLevel(item)));
        Assert.DoesNotContain("A newer sentence.", await DescriptionAsync(), StringComparison.Ordinal);
        Assert.Equal(uid, (await cluster.ReadyAsync(ReleaseCluster.Games, "economy")).Metadata.Uid);

        // Its rights are deleted before its last pod, whose requests may fail meanwhile.
        await cluster.Helm.OutputAsync("uninstall", "aether", "--namespace", HelmChart.Namespace);
        await GoneAsync();
        var refused = await cluster.ForbiddenAsync();
        await PutAsync(first, "without", "an operator");
        await first.RemoveAsync();
        Assert.NotEmpty(await DescriptionAsync());

        await cluster.UpgradeAsync(cluster.Values());
        Assert.Equal(uid, (await cluster.ReadyAsync(ReleaseCluster.Games, "economy")).Metadata.Uid);
        var second = new WorldPod(cluster, "economy", "economy-1");
        await second.RunAsync();
        using var agent = second.Agent();
        Assert.Equal(
            ["the first release", "the upgrade", "an operator"],
            [await agent.GetAsync("under"), await agent.GetAsync("after"), await agent.GetAsync("without")]);
        Assert.Equal(refused.Count, (await cluster.ForbiddenAsync()).Count);
    }

    private static async Task PutAsync(WorldPod pod, string id, string value)
    {
        using var agent = pod.Agent();
        await agent.PutAsync(id, value, Durability.Replicated);
    }

    private static string LogLevel(V1Pod pod) =>
        pod.Spec.Containers[0].Env.Single(item => item.Name == "Logging__LogLevel__Default").Value;

    private async Task<string> DescriptionAsync() =>
        (string)(await cluster.Client.GetAsync(Definition, Stop))
            ["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["description"]!;

    // A possible next version of the chart: another number, another CRD.
    private async Task<string> NewerChartAsync()
    {
        var folder = ChartCopy.Make(cluster.Folder.File("newer"));
        await EditAsync(Path.Combine(folder, "Chart.yaml"), "\nversion: 0.1.0", "\nversion: 0.2.0");
        await EditAsync(
            Path.Combine(folder, "files", "crds", "persistence.aether.dev_worldpersistences.yaml"),
            "          description: >-\n", "          description: >-\n            A newer sentence.\n");
        return folder;
    }

    private static async Task EditAsync(string file, string from, string to)
    {
        var text = await File.ReadAllTextAsync(file, Stop);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{file} has no '{from}'");
        await File.WriteAllTextAsync(file, text[..at] + to + text[(at + from.Length)..], Stop);
    }

    private async Task GoneAsync()
    {
        await cluster.Node.Pods.UntilAsync(
            pods => pods.Any(pod => pod.Metadata.NamespaceProperty == HelmChart.Namespace) ? null : pods,
            "the operator's pods to be gone", Waiting.Step, Stop);
        foreach (var path in (string[])
                 [
                     "/apis/rbac.authorization.k8s.io/v1/clusterroles/aether-operator",
                     "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/aether-operator",
                     $"/api/v1/namespaces/{HelmChart.Namespace}/serviceaccounts/aether-operator",
                 ])
        {
            var refusal = await Assert.ThrowsAsync<ApiException>(() => cluster.Client.GetAsync(path, Stop));
            Assert.Equal(HttpStatusCode.NotFound, refusal.Status);
        }

        foreach (var path in (string[])
                 [
                     "/apis/persistence.aether.dev/v1alpha1/persistencebackends/default",
                     "/apis/persistence.aether.dev/v1alpha1/namespaces/games/worldpersistences/economy",
                     "/api/v1/namespaces/games/secrets/economy-aether",
                 ])
            Assert.NotNull(await cluster.Client.GetAsync(path, Stop));
    }
}
