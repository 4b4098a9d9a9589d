using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Injection;

/// <summary>
/// Decides whether a world accepts new pods. The world need not be Ready: the kubelet delays the pod until the world's
/// Secret exists, so that world and pod can be applied together.
/// </summary>
internal static class WorldAdmission
{
    /// <summary>Why a pod may not join this world, and what to do; null if it may.</summary>
    public static PodRefusal? WhyRefused(WorldNames names, WorldPersistence? world)
    {
        var subject = $"WorldPersistence {names.Name} in namespace {names.Namespace}";
        if (world is null)
        {
            return new PodRefusal(
                PodRefusalReason.WorldNotFound,
                $"{subject} does not exist. Create it first, or remove the label {AetherNames.WorldLabel} from the "
                + "pod.");
        }

        if (world.Metadata.DeletionTimestamp is not null)
        {
            return new PodRefusal(
                PodRefusalReason.WorldDeleting,
                $"{subject} is being deleted. Wait until it is deleted, recreate it, then create the pod.");
        }

        if (world.Spec.Paused)
        {
            return new PodRefusal(
                PodRefusalReason.WorldPaused, $"{subject} is paused. Set spec.paused to false, then create the pod.");
        }

        return WorldPersistenceValidator.Validate(world.Spec) is { Count: > 0 } errors
            ? new PodRefusal(
                PodRefusalReason.WorldInvalid,
                $"{subject} has an invalid spec. Correct it, then create the pod: {string.Join("; ", errors)}")
            : null;
    }
}
