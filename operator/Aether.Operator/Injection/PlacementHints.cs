using System.Globalization;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// Warnings if a pod's owner or volume does not suit its world, or parts of the world's spec contradict each other.
/// They are derived from the pod and the world alone, so they do not know an owner's number of replicas.
/// </summary>
internal static class PlacementHints
{
    private const string PodIndexLabel = "apps.kubernetes.io/pod-index";
    private const long ShortGraceSeconds = 10;

    public static IReadOnlyList<string> For(V1Pod pod, WorldPersistence world)
    {
        var profile = WorldProfile.Resolve(world.Spec);
        return
        [
            .. Volume(profile), .. Size(world.Spec.Wal, profile), .. Group(pod, world), .. Mesh(pod),
            .. Projection(profile), .. Owner(pod, profile), .. Grace(pod), .. Readiness(world),
        ];
    }

    private static IEnumerable<string> Volume(WorldProfile profile)
    {
        var isLocal = profile.DefaultDurability is Durability.Batched or Durability.Fsync;
        if (profile is { Class: WorldClass.Durable, Volume.PersistentVolumeClaim: null } && isLocal)
        {
            yield return "The world is Durable, but its log is on a volume that is deleted with the pod: commits "
                + $"acknowledged at {profile.DefaultDurability} and not yet in the journal are lost with it. Set "
                + "spec.wal.volume.persistentVolumeClaim, or spec.wal.defaultDurability to Replicated.";
        }
    }

    private static IEnumerable<string> Size(WalSpec wal, WorldProfile profile)
    {
        if (profile.WalEnabled && wal.MaxBytes is { } asked && ByteSize.Parse(asked) > profile.MaxLogBytes)
        {
            yield return $"spec.wal.maxBytes is {asked}, but the log's volume has {LogSize.OfVolume(wal.Volume)}: the "
                + $"log is limited to {profile.MaxLogBytes >> 20}Mi. Lower spec.wal.maxBytes, or enlarge the volume.";
        }
    }

    private static IEnumerable<string> Group(V1Pod pod, WorldPersistence world)
    {
        string[] volumes =
        [
            .. (pod.Spec.Volumes ?? [])
                .Where(volume => volume.PersistentVolumeClaim is not null || volume.Ephemeral is not null
                    || volume.Csi is not null)
                .Select(volume => volume.Name)
                .Where(name => name != InjectionNames.WalVolume),
        ];
        if (volumes.Length > 0 && FileSystemGroups.IsInjected(pod, world))
        {
            yield return "The pod gets the fsGroup "
                + $"{AgentIdentity.FileSystemGroup.ToString(CultureInfo.InvariantCulture)}, so that its agent can "
                + $"write the log: Kubernetes may change group and mode of the files on {string.Join(", ", volumes)}. "
                + "Set spec.securityContext.fsGroup of the pod to the group of its own files, or spec.agent.fsGroup of "
                + "the world to Leave and give the log's volume to that group yourself.";
        }
    }

    private static IEnumerable<string> Mesh(V1Pod pod)
    {
        if (ServiceMesh.OrdinaryProxy(pod.Spec.Containers.Select(container => container.Name)) is { } proxy)
        {
            yield return $"The mesh's {proxy} is an ordinary container: it starts after the agent and may stop before "
                + "it, so the agent must reach its stores without the mesh. Use native sidecars, or exclude the "
                + "stores' ports from redirection: docs/service-mesh.md.";
        }

        var annotation = ServiceMesh.AnnotationOf(pod);
        var missing = ServiceMesh.Named(annotation)
            .Except((pod.Spec.InitContainers ?? []).Select(container => container.Name))
            .ToList();
        if (missing.Count > 0)
        {
            yield return $"The annotation {ServiceMesh.AfterContainersAnnotation} names {string.Join(", ", missing)}, "
                + "but the pod has no such init container.";
        }
    }

    private static IEnumerable<string> Projection(WorldProfile profile)
    {
        if (profile is { Journal: JournalKind.JetStream, CriticalKinds.Count: > 0 })
        {
            yield return "The world's journal is in JetStream: the kinds of spec.criticalState.kinds have their "
                + "durability, but are not projected into the table critical_state, which requires a journal in "
                + "PostgreSQL.";
        }
    }

    private static IEnumerable<string> Owner(V1Pod pod, WorldProfile profile)
    {
        var owner = pod.Metadata?.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        if (owner?.Kind == "DaemonSet" || (owner?.Kind == "ReplicaSet" && profile.Class == WorldClass.Durable))
        {
            yield return $"The pod belongs to a {owner.Kind}, which may run several pods at once. A world has one "
                + "writer, and all other pods wait for its lease. Use a StatefulSet with one replica.";
        }

        if (PodIndex(pod) > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The pod is number {PodIndex(pod)} of a StatefulSet. A world has one writer, and this pod waits for ")
                + "its lease. Use one replica, or one world per pod.";
        }
    }

    private static IEnumerable<string> Grace(V1Pod pod)
    {
        if (pod.Spec.TerminationGracePeriodSeconds is < ShortGraceSeconds and var seconds)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"spec.terminationGracePeriodSeconds is {seconds}: the agent stops after the world and needs time to ")
                + "ship the commits that are not in the journal yet. Use 30 or more.";
        }
    }

    private static IEnumerable<string> Readiness(WorldPersistence world)
    {
        var ready = world.Status.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        if (ready?.Status != "True")
        {
            var (name, space) = (world.Metadata.Name, world.Metadata.NamespaceProperty);
            yield return $"WorldPersistence {name} is not Ready yet: the pod waits for its stores. "
                + $"See: kubectl describe worldpersistence {name} -n {space}";
        }
    }

    private static int PodIndex(V1Pod pod) =>
        pod.Metadata?.Labels?.TryGetValue(PodIndexLabel, out var text) == true
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : 0;
}
