using System.Globalization;
using System.Text.Json.Nodes;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// Injects a world's agent into a pod. It edits the JSON as received, so that fields unknown to this program are kept.
/// A second injection changes nothing but resets changes made to the agent. Containers of a service mesh are left
/// alone.
/// </summary>
internal static class PodInjector
{
    // Kubernetes' default, which the API server sets after admission.
    private const long DefaultGraceSeconds = 30;

    // Time to release the lease, send the final report and answer running calls.
    private const long EndingSeconds = 5;

    public static InjectionResult Inject(JsonObject pod, WorldPersistence world, InjectionOptions options)
    {
        var names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);
        var typed = KubernetesJson.Deserialize<V1Pod>(pod);
        var refusals = PodRules.Check(typed, names);
        if (refusals.Count > 0)
            return InjectionResult.Refused(refusals);

        var template = AgentTemplate.For(world, options);
        var injected = (JsonObject)pod.DeepClone();
        var spec = injected["spec"]!.AsObject();
        SetVolumes(spec, template);
        FileSystemGroups.Set(spec, world);
        SetAgent(spec, template, typed);
        foreach (var container in WorldContainers(spec))
            SetWorldContainer(container, names);
        Annotate(injected, template);
        return InjectionResult.Injected(injected, PlacementHints.For(typed, world));
    }

    private static void SetVolumes(JsonObject spec, AgentTemplate template)
    {
        var volumes = ArrayIn(spec, "volumes");
        foreach (var volume in template.Volumes)
        {
            var index = IndexOf(volumes, Name(volume));
            if (index < 0)
                volumes.Add(volume.DeepClone());
            else
                volumes[index] = volume.DeepClone();
        }

        // The pod was copied from an injected one, and the world no longer has a log volume.
        if (IndexOf(volumes, InjectionNames.WalVolume) is >= 0 and var stale
            && template.Volumes.All(volume => Name(volume) != InjectionNames.WalVolume))
            volumes.RemoveAt(stale);
    }

    private static void SetAgent(JsonObject spec, AgentTemplate template, V1Pod pod)
    {
        var containers = ArrayIn(spec, "initContainers");
        var agent = (JsonObject)template.Container.DeepClone();
        for (var index = IndexOf(containers, AetherNames.AgentContainer);
             index >= 0;
             index = IndexOf(containers, AetherNames.AgentContainer))
        {
            KeepWhatOthersMaySet(containers[index]!.AsObject(), agent);
            containers.RemoveAt(index);
        }

        var place = ServiceMesh.IndexOfAgent(
            [.. containers.Select(container => Name(container!.AsObject()))],
            pod.Spec.Containers.Select(container => container.Name),
            ServiceMesh.AnnotationOf(pod));
        containers.Insert(place, agent);
    }

    // Admission plugins that complete or constrain every container would refuse a container that lost their fields.
    private static void KeepWhatOthersMaySet(JsonObject existing, JsonObject agent)
    {
        foreach (var field in (ReadOnlySpan<string>)
                 ["imagePullPolicy", "terminationMessagePath", "terminationMessagePolicy"])
        {
            if (existing[field] is { } value && !agent.ContainsKey(field))
                agent[field] = value.DeepClone();
        }

        foreach (var field in (ReadOnlySpan<string>)["requests", "limits"])
        {
            if (existing["resources"]?[field] is not JsonObject quantities)
                continue;

            var own = ObjectIn(ObjectIn(agent, "resources"), field);
            foreach (var (resource, quantity) in quantities)
                own[resource] ??= quantity?.DeepClone();
        }
    }

    private static void SetWorldContainer(JsonObject container, WorldNames names)
    {
        var mounts = ArrayIn(container, "volumeMounts");
        if (!mounts.Any(mount => (string?)mount!["name"] == InjectionNames.SocketVolume))
        {
            mounts.Add(new JsonObject
            {
                ["name"] = InjectionNames.SocketVolume,
                ["mountPath"] = AetherNames.SocketDirectory,
            });
        }

        // First, so that the container's own variables may refer to them.
        var variables = ArrayIn(container, "env");
        var missing = WorldVariables.For(names).Where(entry => IndexOf(variables, entry.Key) < 0);
        foreach (var (name, value) in missing.Reverse().ToList())
            variables.Insert(0, new JsonObject { ["name"] = name, ["value"] = value });
    }

    private static void Annotate(JsonObject pod, AgentTemplate template)
    {
        var annotations = ObjectIn(ObjectIn(pod, "metadata"), "annotations");
        annotations[InjectionNames.ImageAnnotation] = template.Image;
        annotations[InjectionNames.RevisionAnnotation] = template.Revision;
        annotations[InjectionNames.WorldUidAnnotation] = template.WorldUid;
        annotations[InjectionNames.StopGraceAnnotation] = StopGrace(ObjectIn(pod, "spec"));
    }

    // The agent may use the pod's grace period except for the time it needs to exit.
    private static string StopGrace(JsonObject spec)
    {
        var grace = (long?)spec["terminationGracePeriodSeconds"] ?? DefaultGraceSeconds;
        return Math.Max(grace - EndingSeconds, 0).ToString(CultureInfo.InvariantCulture);
    }

    private static IEnumerable<JsonObject> WorldContainers(JsonObject spec) =>
        spec["initContainers"]!.AsArray().Concat(spec["containers"]!.AsArray())
            .Select(container => container!.AsObject())
            .Where(container => Name(container) != AetherNames.AgentContainer && !ServiceMesh.Owns(Name(container)));

    private static JsonObject ObjectIn(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject member)
            parent[name] = member = [];
        return member;
    }

    private static JsonArray ArrayIn(JsonObject parent, string name)
    {
        if (parent[name] is not JsonArray member)
            parent[name] = member = [];
        return member;
    }

    private static int IndexOf(JsonArray items, string name)
    {
        for (var index = 0; index < items.Count; index++)
        {
            if (Name(items[index]!.AsObject()) == name)
                return index;
        }

        return -1;
    }

    private static string Name(JsonObject item) => (string?)item["name"] ?? "";
}
