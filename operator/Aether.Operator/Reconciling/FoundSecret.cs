using System.Text;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Reconciling;

/// <summary>What was found by the name of a world's Secret, and whether the operator may write it.</summary>
/// <param name="Secret">The Secret; null if there is none.</param>
/// <param name="IsOwn">
/// Whether it is the resource's own. Otherwise it was made for an earlier resource of the same name, and came back from
/// a backup for instance: it is taken over together with the schema, and never without it.
/// </param>
internal sealed record FoundSecret(V1Secret? Secret, bool IsOwn)
{
    /// <summary>UID of the resource that it was made for.</summary>
    public string? Uid => Find(AetherVariables.WorldUid);

    /// <summary>Identities that the world's data carries, as it says.</summary>
    public IReadOnlyList<string> Identities =>
        (Find(AetherVariables.WorldIdentity) ?? Uid ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Judges a Secret by the name of a world's; null if it is somebody else's.</summary>
    public static FoundSecret? Of(V1Secret? secret, WorldPersistence world)
    {
        var found = new FoundSecret(secret, IsOwn: false);
        if (secret is null)
            return found;
        if (found.Uid == world.Metadata.Uid || IsOwnedBy(secret, world.Metadata.Uid))
            return found with { IsOwn = true };
        return found.Uid is not null
            && found.Find(AetherVariables.WorldName) == world.Metadata.Name
            && found.Find(AetherVariables.WorldNamespace) == world.Metadata.NamespaceProperty ? found : null;
    }

    /// <summary>Whether a Secret has an owner reference to that UID.</summary>
    public static bool IsOwnedBy(V1Secret secret, string uid) =>
        secret.Metadata.OwnerReferences?.Any(owner => owner.Uid == uid) == true;

    /// <summary>A value in it; null if there is none, or an empty one.</summary>
    public string? Find(string name) =>
        Secret?.Data?.TryGetValue(name, out var value) == true && value.Length > 0
            ? Encoding.UTF8.GetString(value)
            : null;
}
