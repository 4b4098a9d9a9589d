using System.Globalization;
using System.Text.Json.Nodes;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// Sets the groups through which agent and world share the sockets and the agent accesses its volumes. An fsGroup does
/// both, but changes group and mode of the files on the world's own volumes. A supplementary group shares only the
/// sockets.
/// </summary>
internal static class FileSystemGroups
{
    private const int ReadableByAll = 0b100_100_100;

    /// <summary>Whether injection adds an fsGroup to a pod.</summary>
    public static bool IsInjected(V1Pod pod, WorldPersistence world) =>
        pod.Spec.SecurityContext?.FsGroup is null && IsWanted(world);

    /// <summary>Sets the pod's groups, and the mode of the agent's settings to suit.</summary>
    public static void Set(JsonObject spec, WorldPersistence world)
    {
        if (spec["securityContext"] is not JsonObject context)
            spec["securityContext"] = context = [];
        if (context["fsGroup"] is null && IsWanted(world))
        {
            // With OnRootMismatch, the kubelet does not visit every file of the pod's other volumes.
            context["fsGroup"] = AgentIdentity.FileSystemGroup;
            context["fsGroupChangePolicy"] ??= "OnRootMismatch";
        }

        if (context["fsGroup"] is null)
            ShareOnlySockets(spec, context);
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
    // root; only the agent's container mounts them, so they may be readable by everybody.
    private static void ShareOnlySockets(JsonObject spec, JsonObject context)
    {
        if (context["supplementalGroups"] is not JsonArray groups)
            context["supplementalGroups"] = groups = [];
        var own = AgentIdentity.Group.ToString(CultureInfo.InvariantCulture);
        if (!groups.Any(group => group?.ToJsonString() == own))
            groups.Add(AgentIdentity.Group);
        var config = spec["volumes"]!.AsArray().Single(volume =>
            (string?)volume!["name"] == InjectionNames.ConfigVolume);
        config!["projected"]!["defaultMode"] = ReadableByAll;
    }
}
