namespace Aether.Persistence.Contracts;

/// <summary>
/// The keys of a world in Redis, after its prefix. The agent writes them; the operator needs them if a server does not
/// let it list keys.
/// </summary>
public static class RedisKeyNames
{
    /// <summary>String: the highest epoch seen.</summary>
    public const string Epoch = "epoch";

    /// <summary>
    /// Hash: "sequence:epoch" to manifest, a JSON object whose <see cref="ChunksKey"/> names the key of the chunks.
    /// </summary>
    public const string Snapshots = "snapshots";

    /// <summary>Property of a manifest.</summary>
    public const string ChunksKey = "chunksKey";
}
