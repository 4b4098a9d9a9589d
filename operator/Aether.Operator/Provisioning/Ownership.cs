using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>
/// Decides whether the operator may touch an object that it found in a store. Every write is checked here first.
/// </summary>
internal static class Ownership
{
    /// <summary>Checks an object's mark.</summary>
    /// <param name="what">The object, such as <c>PostgreSQL schema "x"</c>.</param>
    /// <param name="found">The object's mark; null if it has none.</param>
    /// <param name="owner">The resource that needs the object.</param>
    /// <returns>True if the object is to be adopted: its mark must be replaced first.</returns>
    /// <exception cref="ProvisioningException">The object belongs to another resource, or has no mark.</exception>
    public static bool MustAdopt(string what, OwnerMark? found, WorldOwner owner)
    {
        if (found is not null && found.Owner == owner.Uid)
            return false;

        // A store that was unreachable at an earlier adoption still has the mark of a former owner.
        if (found is not null && (found.Owner == owner.AdoptUid || owner.Identities.Contains(found.Owner)))
            return true;

        throw new ProvisioningException(StoreReason.OwnedByAnother, found is null
            ? $"{what} exists and has no owner mark, so the operator does not touch it. Remove it if it is not needed; "
                + "otherwise give this world another name."
            : $"{what} belongs to world {found.World} with UID {found.Owner}, not to this one with UID {owner.Uid}, so "
                + "the operator does not touch it. If an earlier resource left it and this one is to adopt it, "
                + $"annotate this one with {AetherNames.AdoptAnnotation}={found.Owner}.");
    }

    /// <summary>The message if an object that <paramref name="owner"/> is to adopt does not exist.</summary>
    public static string NothingToAdopt(string missing, WorldOwner owner) =>
        $"{missing}, which this world is to adopt from the resource with UID {owner.AdoptUid}. Restore it from a "
        + "backup, or point the backend to its server. To start with an empty world instead, remove the annotation "
        + $"{AetherNames.AdoptAnnotation}.";

    /// <summary>
    /// Whether an object may be dropped together with <paramref name="owner"/>: only if it has that owner's mark.
    /// </summary>
    public static bool IsOwn(OwnerMark? found, WorldOwner owner) => found?.Owner == owner.Uid;
}
