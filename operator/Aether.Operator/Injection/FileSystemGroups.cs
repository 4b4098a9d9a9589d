using System.Globalization;
using System.Text.Json.Nodes;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// How agent and world share the sockets, and the agent reads and writes its volumes. An fsGroup does all of it, and
/// changes group and mode of the files on the world's own volumes; a supplementary group shares the sockets alone.
/// </summary>
internal static class FileSystemGroups
{
    private const int EverybodyReads = 0b100_100_100;

    /// <summary>Whether a pod without an fsGroup gets one.</summary>
    public static bool IsInjected(V1Pod pod, WorldPersistence world) =>
        pod.Spec.SecurityContext?.FsGroup is null && IsWanted(world);

    /// <summary>Sets the pod's groups, and lets the agent read its settings by them.</summary>
    public static void Set(JsonObject spec, WorldPersistence world)
    {
        if (spec["securityContext"] is not JsonObject context)
            spec["securityContext"] = context = [];
        if (context["fsGroup"] is null && IsWanted(world))
        {
            // OnRootMismatch spares the pod's other volumes a walk over every file.
            context["fsGroup"] = AgentIdentity.FileSystemGroup;
            context["fsGroupChangePolicy"] ??= "OnRootMismatch";
        }

        if (context["fsGroup"] is null)
            ShareSocketsAlone(spec, context);
    }

    private static bool IsWanted(WorldPersistence world)
    {
        var volume = WorldProfile.Resolve(world.Spec).Volume;
        return Enum.Parse<FileSystemGroupPolicy>(world.Spec.Agent.FsGroup) switch
        {
            FileSystemGroupPolicy.Inject => true,
            FileSystemGroupPolicy.Leave => false,
            _ => volume is { PersistentVolumeClaim: not null } or { Ephemeral: not null },
        };
    }

    // The sockets belong to the agent's group, so every container becomes a member of it. The Secret's files belong to
    // root; only the agent's container mounts them.
    private static void ShareSocketsAlone(JsonObject spec, JsonObject context)
    {
        if (context["supplementalGroups"] is not JsonArray groups)
            context["supplementalGroups"] = groups = [];
        var own = AgentIdentity.Group.ToString(CultureInfo.InvariantCulture);
        if (!groups.Any(group => group?.ToJsonString() == own))
            groups.Add(AgentIdentity.Group);
        var config = spec["volumes"]!.AsArray().Single(volume =>
            (string?)volume!["name"] == InjectionNames.ConfigVolume);
        config!["projected"]!["defaultMode"] = EverybodyReads;
    }
}
