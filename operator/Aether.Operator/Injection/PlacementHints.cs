using System.Globalization;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// Warns where a pod's owner or volume contradicts what its world is for, or one part of the world another. Knows the
/// pod and the world only: it cannot see how many replicas an owner has.
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
            .. Volume(profile), .. Projection(profile), .. Owner(pod, profile), .. Grace(pod), .. Readiness(world),
        ];
    }

    private static IEnumerable<string> Volume(WorldProfile profile)
    {
        var isLocal = profile.DefaultDurability is DurabilityLevel.Batched or DurabilityLevel.Fsync;
        if (profile is { Class: WorldClass.Durable, Volume.PersistentVolumeClaim: null } && isLocal)
        {
            yield return "The world is Durable, but its log lies on a volume that is deleted with the pod: commits "
                + $"acknowledged at {profile.DefaultDurability} and not yet in the journal are lost with it. Set "
                + "spec.wal.volume.persistentVolumeClaim, or spec.wal.defaultDurability to Replicated.";
        }
    }

    private static IEnumerable<string> Projection(WorldProfile profile)
    {
        if (profile is { Journal: JournalKind.JetStream, CriticalKinds.Count: > 0 })
        {
            yield return "The world's journal lies in JetStream, so the kinds of spec.criticalState.kinds have their "
                + "durability, but are not projected into the table critical_state, which changes with a journal in "
                + "PostgreSQL only.";
        }
    }

    private static IEnumerable<string> Owner(V1Pod pod, WorldProfile profile)
    {
        var owner = pod.Metadata?.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        if (owner?.Kind == "DaemonSet" || (owner?.Kind == "ReplicaSet" && profile.Class == WorldClass.Durable))
        {
            yield return $"The pod belongs to a {owner.Kind}, which may run several at once; a world has one writer, "
                + "and the others wait for its lease. Use a StatefulSet with one replica.";
        }

        if (PodIndex(pod) > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The pod is number {PodIndex(pod)} of a StatefulSet; a world has one writer, and this one waits for ")
                + "its lease. Use one replica, or one world for each.";
        }
    }

    private static IEnumerable<string> Grace(V1Pod pod)
    {
        if (pod.Spec.TerminationGracePeriodSeconds is < ShortGraceSeconds and var seconds)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"spec.terminationGracePeriodSeconds is {seconds}: the agent stops after the world and needs time to ")
                + "ship what is not in the journal yet. Use 30 or more.";
        }
    }

    private static IEnumerable<string> Readiness(WorldPersistence world)
    {
        var ready = world.Status.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        if (ready?.Status != "True")
        {
            var (name, space) = (world.Metadata.Name, world.Metadata.NamespaceProperty);
            yield return $"WorldPersistence {name} is not Ready yet: the pod waits until its stores are. "
                + $"See: kubectl describe worldpersistence {name} -n {space}";
        }
    }

    private static int PodIndex(V1Pod pod) =>
        pod.Metadata?.Labels?.TryGetValue(PodIndexLabel, out var text) == true
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : 0;
}
