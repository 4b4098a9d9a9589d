using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Injection;

/// <summary>
/// Decides whether a world takes new pods. It need not be Ready: the kubelet holds the pod back until the world's
/// Secret exists, so that world and pod can be applied together.
/// </summary>
internal static class WorldAdmission
{
    /// <summary>Why a pod may not be of this world, and what to do; null if it may.</summary>
    public static PodRefusal? WhyRefused(WorldNames names, WorldPersistence? world)
    {
        var who = $"WorldPersistence {names.Name} in namespace {names.Namespace}";
        if (world is null)
        {
            return new PodRefusal(
                PodRefusalReason.WorldNotFound,
                $"{who} does not exist. Create it first, or take the label {AetherNames.WorldLabel} off the pod.");
        }

        if (world.Metadata.DeletionTimestamp is not null)
        {
            return new PodRefusal(
                PodRefusalReason.WorldDeleting,
                $"{who} is being deleted. Wait until it is deleted, create it again, then create the pod.");
        }

        if (world.Spec.Paused)
        {
            return new PodRefusal(
                PodRefusalReason.WorldPaused, $"{who} is paused. Set spec.paused to false, then create the pod.");
        }

        return WorldPersistenceValidator.Validate(world.Spec) is { Count: > 0 } errors
            ? new PodRefusal(
                PodRefusalReason.WorldInvalid,
                $"{who} has an invalid spec. Correct it, then create the pod: {string.Join("; ", errors)}")
            : null;
    }
}
