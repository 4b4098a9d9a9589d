using System.Globalization;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>Checks whether a pod can have an agent. Each refusal says what to change in the pod.</summary>
internal static class PodRules
{
    private static readonly HashSet<string> ReservedVolumes =
        [InjectionNames.SocketVolume, InjectionNames.WalVolume, InjectionNames.ConfigVolume];

    /// <summary>One sentence per problem; empty if there is none.</summary>
    public static IReadOnlyList<string> Check(V1Pod pod, WorldNames world) =>
        [.. CheckPod(pod), .. WorldContainers(pod).SelectMany(container => CheckContainer(container, world))];

    private static IEnumerable<string> CheckPod(V1Pod pod)
    {
        if (pod.Spec.Os?.Name == "windows")
            yield return "The agent runs on Linux: set spec.os.name to linux, or remove it.";
        if (pod.Spec.HostNetwork == true)
        {
            yield return "spec.hostNetwork would open the agent's health port on the node's own address: "
                + "remove spec.hostNetwork.";
        }

        if (pod.Spec.Containers.Any(IsAgent))
        {
            yield return $"The name {AetherNames.AgentContainer} is reserved for the injected agent: rename the "
                + "container in spec.containers.";
        }

        // A pod with an agent was injected before, or copied from an injected one: the volumes are the agent's.
        if (pod.Spec.InitContainers?.Any(IsAgent) == true)
            yield break;

        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            if (ReservedVolumes.Contains(volume.Name))
                yield return $"The volume name {volume.Name} is reserved for the injected agent: rename the volume.";
        }
    }

    private static IEnumerable<string> CheckContainer(V1Container container, WorldNames world)
    {
        foreach (var mount in container.VolumeMounts ?? [])
        {
            if (CheckMount(mount) is { } reason)
                yield return $"Container {container.Name} {reason}";
        }

        foreach (var (name, value) in WorldVariables.For(world))
        {
            if (container.Env?.FirstOrDefault(variable => variable.Name == name) is { } own && own.Value != value)
                yield return $"Container {container.Name} sets {name}, which injection sets to {value}: remove it.";
        }

        if (container.Ports?.Any(IsHealthPort) == true)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Container {container.Name} uses port {AetherNames.HealthPort} of the agent: use another port.");
        }
    }

    private static string? CheckMount(V1VolumeMount mount)
    {
        var isSocketFolder = mount.MountPath.TrimEnd('/') == AetherNames.SocketDirectory;
        return (mount.Name, isSocketFolder) switch
        {
            (InjectionNames.SocketVolume, false) =>
                $"mounts {mount.Name} at {mount.MountPath}: use {AetherNames.SocketDirectory}, or remove the mount.",
            (InjectionNames.WalVolume or InjectionNames.ConfigVolume, _) =>
                $"mounts {mount.Name}, which only the agent may mount: remove the mount.",
            (not InjectionNames.SocketVolume, true) =>
                $"mounts {mount.Name} at {AetherNames.SocketDirectory}, where the agent's sockets will be: "
                + "mount it elsewhere.",
            _ => null,
        };
    }

    private static IEnumerable<V1Container> WorldContainers(V1Pod pod) =>
        (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers).Where(container => !IsAgent(container));

    private static bool IsHealthPort(V1ContainerPort port) =>
        port.ContainerPort == AetherNames.HealthPort && port.Protocol is (null or "TCP");

    private static bool IsAgent(V1Container container) => container.Name == AetherNames.AgentContainer;
}
