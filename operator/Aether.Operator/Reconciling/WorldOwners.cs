using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>Reads from a resource which stores it owns or may take over.</summary>
internal static class WorldOwners
{
    /// <summary>The resource as the owner of stores.</summary>
    public static WorldOwner Of(WorldPersistence world) => new(
        world.Metadata.Uid,
        $"{world.Metadata.NamespaceProperty}/{world.Metadata.Name}",
        Annotation(world, AetherNames.AdoptAnnotation));

    /// <summary>
    /// Whether the resource accepts, by its own UID, to continue without the data that its stores lost.
    /// </summary>
    public static bool AcceptsLoss(WorldPersistence world) =>
        Annotation(world, OperatorNames.AcceptLossAnnotation) == world.Metadata.Uid;

    /// <summary>Whether the resource may, by its own UID, be deleted while a pod holds the world.</summary>
    public static bool MayGoUnderWriter(WorldPersistence world) =>
        Annotation(world, OperatorNames.DeleteUnderWriterAnnotation) == world.Metadata.Uid;

    private static string? Annotation(WorldPersistence world, string name) =>
        world.Metadata.Annotations?.TryGetValue(name, out var value) == true ? value : null;
}
