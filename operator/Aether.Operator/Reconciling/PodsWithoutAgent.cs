using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// A condition that is present while pods with a world's label run without an agent, because they were created while no
/// webhook was available.
/// </summary>
internal static class PodsWithoutAgent
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "PodsWithoutAgent";

    /// <summary>Reason of the condition and the event.</summary>
    public const string Reason = "AgentNotInjected";

    /// <summary>Name of the index of pods by the world that their label names.</summary>
    public const string ByWorld = "world";

    // Names in the message; once these pods are gone, the message names the rest.
    private const int MostNames = 5;

    /// <summary>The condition's message; null if every pod of the world has its agent.</summary>
    public static string? Describe(IEntityCache<WorldPod> pods, WorldPersistence world)
    {
        var names = pods.Find(ByWorld, ObjectKey.Of(world).ToString())
            .Where(pod => pod.IsWithoutAgent)
            .Select(pod => pod.Metadata.Name)
            .ToList();
        if (names.Count == 0)
            return null;

        var some = string.Join(", ", names.Take(MostNames));
        var more = names.Count > MostNames ? $" and {names.Count - MostNames} more" : "";
        return $"Pods with label {AetherNames.WorldLabel}={world.Metadata.Name} run without an agent: {some}{more}. "
            + "They were created while the operator's webhook was unavailable, and nothing they do is persisted. "
            + "Delete them, so that their workload recreates them.";
    }
}
