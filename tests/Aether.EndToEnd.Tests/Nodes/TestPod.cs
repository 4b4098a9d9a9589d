using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using k8s;
using k8s.Models;

namespace Aether.EndToEnd.Tests.Nodes;

/// <summary>Describes and creates pods of shell scripts that share a claim, mounted at <c>$SHARED</c>.</summary>
internal static class TestPod
{
    public const string Name = "pod";
    public const string Claim = "shared";

    public static V1Container Script(string name, string script) => new()
    {
        Name = name,
        Image = NodeFixture.ShellImage,
        Args = [script],
        VolumeMounts = [new V1VolumeMount { Name = Claim, MountPath = "/shared" }],
        Env =
        [
            new V1EnvVar { Name = "SHARED", Value = "/shared" },
            new V1EnvVar { Name = "LOG", Value = "/shared/log" },
        ],
    };

    public static V1Container Sidecar(string name, string script)
    {
        var container = Script(name, script);
        container.RestartPolicy = "Always";
        return container;
    }

    public static V1Probe Exec(string script) => new()
    {
        Exec = new V1ExecAction { Command = ["/bin/sh", "-c", script] },
        PeriodSeconds = 1,
        FailureThreshold = 30,
    };

    public static V1Pod Of(string @namespace, IList<V1Container> init, params IList<V1Container> main) => new()
    {
        Metadata = new V1ObjectMeta { Name = Name, NamespaceProperty = @namespace },
        Spec = new V1PodSpec
        {
            InitContainers = init.Count == 0 ? null : init,
            Containers = main,
            TerminationGracePeriodSeconds = 20,
            Volumes =
            [
                new V1Volume
                {
                    Name = Claim,
                    PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = Claim },
                },
            ],
        },
    };

    public static async Task CreateClaimAsync(this IKubernetes client, string @namespace)
    {
        var claim = new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta { Name = Claim },
            Spec = new V1PersistentVolumeClaimSpec
            {
                AccessModes = ["ReadWriteOnce"],
                Resources = new V1VolumeResourceRequirements
                {
                    Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") },
                },
            },
        };
        await client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(
            claim, @namespace, cancellationToken: TestContext.Current.CancellationToken);
    }

    public static Task CreateAsync(this IKubernetes client, V1Pod pod) =>
        client.CoreV1.CreateNamespacedPodAsync(
            pod, pod.Metadata.NamespaceProperty, cancellationToken: TestContext.Current.CancellationToken);

    public static Task DeletePodAsync(this Kubernetes client, string @namespace, int? grace = null) =>
        client.DeleteAsync(
            $"/api/v1/namespaces/{@namespace}/pods/{Name}",
            new JsonObject { ["gracePeriodSeconds"] = grace },
            TestContext.Current.CancellationToken);
}
