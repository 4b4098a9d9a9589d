using System.Text;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>The Secret under a world's name as it was found, and whether the operator may write it.</summary>
/// <param name="Secret">The Secret; null if it does not exist.</param>
/// <param name="IsOwn">
/// Whether it belongs to this resource. Otherwise it was created for an earlier resource of the same name, and for
/// instance restored from a backup. It is then adopted together with the schema, never without it.
/// </param>
internal sealed record FoundSecret(StoredSecret? Secret, bool IsOwn)
{
    /// <summary>Whether it was read from the API server, not from the cache.</summary>
    public bool IsLive { get; init; }

    /// <summary>UID of the resource that the Secret was created for.</summary>
    public string? Uid => Find(AetherVariables.WorldUid);

    /// <summary>The world identities that the Secret names.</summary>
    public IReadOnlyList<string> Identities =>
        (Find(AetherVariables.WorldIdentity) ?? Uid ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Classifies the Secret under a world's name; null if it was not created for a world of this name.
    /// </summary>
    public static FoundSecret? Of(StoredSecret? secret, WorldPersistence world)
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
    public static bool IsOwnedBy(StoredSecret secret, string uid) =>
        secret.Metadata.OwnerReferences?.Any(owner => owner.Uid == uid) == true;

    /// <summary>A value of the Secret; null if it is absent or empty.</summary>
    public string? Find(string name) =>
        Secret?.Data?.TryGetValue(name, out var value) == true && value.Length > 0
            ? Encoding.UTF8.GetString(value)
            : null;
}
