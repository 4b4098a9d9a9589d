using System.Net;
using System.Security.Cryptography;
using System.Text;
using Aether.DevCluster.Api;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Aether.Chart.Tests.Releases;

/// <summary>
/// Does what kube-controller-manager does with Deployments: first creates pods of the present template, then deletes
/// those of former ones; keeps the status up to date; and deletes everything of a deleted Deployment. There are no
/// ReplicaSets, because nothing here uses them.
/// </summary>
internal sealed class DeploymentRunner : IAsyncDisposable
{
    private const string HashLabel = "pod-template-hash";

    private readonly Kubernetes _client;
    private readonly ObjectCache<V1Pod, V1PodList> _pods;
    private readonly ObjectCache<V1Deployment, V1DeploymentList> _deployments;
    private readonly WatchLoop<V1Deployment, V1DeploymentList> _loop;

    public DeploymentRunner(Kubernetes client, ObjectCache<V1Pod, V1PodList> pods)
    {
        _client = client;
        _pods = pods;
        _deployments = new ObjectCache<V1Deployment, V1DeploymentList>(
            token => client.AppsV1.ListDeploymentForAllNamespacesAsync(cancellationToken: token),
            (version, failed, token) => client.AppsV1.WatchListDeploymentForAllNamespacesAsync(
                resourceVersion: version, allowWatchBookmarks: true, onError: failed, cancellationToken: token),
            TimeProvider.System);
        _loop = new WatchLoop<V1Deployment, V1DeploymentList>(_deployments, pods, RoundAsync);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _loop.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var deployment in _deployments.Items)
                await DriveAsync(deployment, cancellationToken);
            foreach (var orphan in Live().Where(pod => _deployments.Items.All(owner => !Owns(owner, pod))))
                await DeleteAsync(orphan, cancellationToken);
        }
        catch (HttpOperationException exception) when (
            exception.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // The object has changed meanwhile; the change triggers another round.
        }
    }

    private async Task DriveAsync(V1Deployment deployment, CancellationToken cancellationToken)
    {
        var hash = HashOf(deployment.Spec.Template);
        var owned = Live().Where(pod => Owns(deployment, pod)).ToList();
        var present = owned.Where(pod => pod.Metadata.Labels[HashLabel] == hash).ToList();
        var former = owned.Except(present).ToList();
        var wanted = deployment.Spec.Replicas ?? 1;
        var recreates = deployment.Spec.Strategy?.Type == "Recreate";
        if (!recreates || former.Count == 0)
        {
            for (var missing = present.Count; missing < wanted; missing++)
                await CreateAsync(deployment, hash, cancellationToken);
        }

        if (recreates || present.Count(IsReady) >= wanted)
        {
            foreach (var pod in former.Concat(present.Skip(wanted)))
                await DeleteAsync(pod, cancellationToken);
        }

        await ReportAsync(deployment, owned, present, cancellationToken);
    }

    private async Task CreateAsync(V1Deployment deployment, string hash, CancellationToken cancellationToken)
    {
        var template = deployment.Spec.Template;
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = $"{deployment.Metadata.Name}-{hash}-",
                NamespaceProperty = deployment.Metadata.NamespaceProperty,
                Labels = new Dictionary<string, string>(template.Metadata.Labels) { [HashLabel] = hash },
                Annotations = template.Metadata.Annotations,
                OwnerReferences =
                [
                    new V1OwnerReference
                    {
                        ApiVersion = "apps/v1",
                        Kind = "Deployment",
                        Name = deployment.Metadata.Name,
                        Uid = deployment.Metadata.Uid,
                        Controller = true,
                    },
                ],
            },
            Spec = template.Spec,
        };
        V1Pod created;
        try
        {
            created = await _client.CoreV1.CreateNamespacedPodAsync(
                pod, pod.Metadata.NamespaceProperty, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException exception) when (IsOfTerminatingNamespace(exception.Response))
        {
            // The Deployment is deleted with its namespace, after its pods.
            return;
        }

        await _pods.UntilAsync(
            pods => pods.FirstOrDefault(item => item.Metadata.Uid == created.Metadata.Uid),
            $"pod {created.Metadata.Name} to be seen", Waiting.Step, cancellationToken);
    }

    private async Task DeleteAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/namespaces/{pod.Metadata.NamespaceProperty}/pods/{pod.Metadata.Name}";
        try
        {
            await _client.DeleteAsync(path, null, cancellationToken);
        }
        catch (ApiException gone) when (gone.Status == HttpStatusCode.NotFound)
        {
            return;
        }

        await _pods.UntilAsync(
            pods => pods.Contains(pod) ? null : pods, $"the deletion of {path} to be seen", Waiting.Step,
            cancellationToken);
    }

    private async Task ReportAsync(
        V1Deployment deployment, List<V1Pod> owned, List<V1Pod> present, CancellationToken cancellationToken)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var (ready, current) = (owned.Count(IsReady), present.Count(IsReady));
        var complete = current == wanted && owned.Count == wanted;
        var status = new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = owned.Count,
            UpdatedReplicas = present.Count,
            ReadyReplicas = ready,
            AvailableReplicas = ready,
            UnavailableReplicas = wanted - Math.Min(ready, wanted),
            Conditions =
            [
                Condition("Available", ready >= wanted, "MinimumReplicas"),
                Condition("Progressing", true, complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated"),
            ],
        };
        var text = KubernetesJson.Serialize(new { status });
        if (text == KubernetesJson.Serialize(new { status = deployment.Status }))
            return;

        await _client.AppsV1.PatchNamespacedDeploymentStatusAsync(
            new V1Patch(text, V1Patch.PatchType.MergePatch),
            deployment.Metadata.Name, deployment.Metadata.NamespaceProperty, cancellationToken: cancellationToken);
    }

    // Without times, because a status is written only when its content has changed.
    private static V1DeploymentCondition Condition(string type, bool holds, string reason) =>
        new() { Type = type, Status = holds ? "True" : "False", Reason = reason };

    private IEnumerable<V1Pod> Live() => _pods.Items.Where(pod =>
        pod.Metadata.DeletionTimestamp is null && pod.Metadata.Labels?.ContainsKey(HashLabel) == true);

    private static bool Owns(V1Deployment deployment, V1Pod pod) =>
        pod.Metadata.OwnerReferences?.Any(owner => owner.Uid == deployment.Metadata.Uid) == true;

    private static bool IsReady(V1Pod pod) => pod.Has("Ready");

    private static bool IsOfTerminatingNamespace(HttpResponseMessageWrapper response) =>
        response.StatusCode == HttpStatusCode.Forbidden
        && response.Content.Contains("\"NamespaceTerminating\"", StringComparison.Ordinal);

    private static string HashOf(V1PodTemplateSpec template) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(template))))[..8];
}
