using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Pods with a world's label that run without an agent, since they were created while no webhook was there: a condition
/// that is there only while that is so.
/// </summary>
internal static class PodsWithoutAgent
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "PodsWithoutAgent";

    /// <summary>Reason of the condition and the event.</summary>
    public const string Reason = "AgentNotInjected";

    /// <summary>Name of the index of pods by the world that their label names.</summary>
    public const string ByWorld = "world";

    // A message is for people; the rest of the pods show once these are gone.
    private const int MostNames = 5;

    /// <summary>What to say of the pods of a world; null where each of them has its agent.</summary>
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
            + "They were created while the operator's webhook was not there, and nothing of what they do is persisted. "
            + "Delete them, so that their workload creates them again.";
    }
}
