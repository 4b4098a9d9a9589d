using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>Decides whether something found in a store may be touched. It is the one gate before every write.</summary>
internal static class Ownership
{
    /// <summary>Checks what was found.</summary>
    /// <param name="what">What it is, such as <c>PostgreSQL schema "x"</c>.</param>
    /// <param name="found">Its mark; null if it carries none.</param>
    /// <param name="owner">Who wants to touch it.</param>
    /// <returns>True if it is to be adopted: its mark must be replaced first.</returns>
    /// <exception cref="ProvisioningException">It belongs to somebody else, or nobody knows to whom.</exception>
    public static bool MustAdopt(string what, OwnerMark? found, WorldOwner owner)
    {
        if (found is not null && found.Owner == owner.Uid)
            return false;

        // A store that was out of reach at an earlier adoption still has the mark of a former owner.
        if (found is not null && (found.Owner == owner.AdoptUid || owner.Identities.Contains(found.Owner)))
            return true;

        throw new ProvisioningException(StoreReason.OwnedByAnother, found is null
            ? $"{what} exists and carries no owner mark, so it was not touched. If nobody needs it, remove it; else "
                + "give this world another name."
            : $"{what} belongs to world {found.World} with UID {found.Owner}, not to this one with UID {owner.Uid}, so "
                + "it was not touched. If an earlier resource left it behind and this one is to go on with it, "
                + $"annotate this one with {AetherNames.AdoptAnnotation}={found.Owner}.");
    }

    /// <summary>What to say where <paramref name="owner"/> is to take something over that is not there.</summary>
    public static string NothingToAdopt(string missing, WorldOwner owner) =>
        $"{missing}, which this world is to take over from the resource with UID {owner.AdoptUid}. Restore it from a "
        + "backup, or point the backend to where it is. To begin with an empty world instead, remove the annotation "
        + $"{AetherNames.AdoptAnnotation}.";

    /// <summary>Whether what was found may be dropped with <paramref name="owner"/>: only what has its mark.</summary>
    public static bool IsOwn(OwnerMark? found, WorldOwner owner) => found?.Owner == owner.Uid;
}
