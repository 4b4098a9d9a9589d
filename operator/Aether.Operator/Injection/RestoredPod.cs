using System.Text.Json.Nodes;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// Recognises a pod that is created with the agent of an earlier injection, such as one from a backup. It is admitted
/// before its world exists: all settings of the agent are in the world's Secret, and without that the kubelet starts no
/// container of the pod.
/// </summary>
internal static class RestoredPod
{
    /// <summary>Whether the pod has an agent for exactly this world.</summary>
    public static bool HasAgentOf(WorldNames names, JsonObject pod)
    {
        var typed = KubernetesJson.Deserialize<V1Pod>(pod);
        return typed.Metadata?.Annotations?.ContainsKey(InjectionNames.RevisionAnnotation) == true
            && typed.Spec?.InitContainers?.Any(IsAgent) == true
            && typed.Spec.Volumes?.Any(volume => IsConfigOf(names, volume)) == true;
    }

    private static bool IsAgent(V1Container container) =>
        container.Name == AetherNames.AgentContainer
        && container.RestartPolicy == "Always"
        && container.VolumeMounts?.Any(mount => mount.Name == InjectionNames.ConfigVolume) == true;

    private static bool IsConfigOf(WorldNames names, V1Volume volume) =>
        volume.Name == InjectionNames.ConfigVolume
        && volume.Projected?.Sources is [{ Secret: { } secret }]
        && secret.Name == names.Secret
        && secret.Optional != true;
}
