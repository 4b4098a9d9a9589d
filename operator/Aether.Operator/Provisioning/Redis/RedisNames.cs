using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>A world's names in Redis.</summary>
internal sealed record RedisNames(string User, string KeyPrefix, string OwnerKey)
{
    /// <summary>Key of the highest epoch seen.</summary>
    public string EpochKey => KeyPrefix + RedisKeyNames.Epoch;

    /// <summary>Key of the snapshots' manifests.</summary>
    public string SnapshotsKey => KeyPrefix + RedisKeyNames.Snapshots;

    /// <summary>
    /// The names of <paramref name="world"/>. The owner record is outside the world's prefix, so that the world cannot
    /// overwrite it, but in the same cluster slot.
    /// </summary>
    public static RedisNames Of(WorldNames world) =>
        new(world.RedisUser, world.RedisKeyPrefix, $"aether:owner:{{{world.Id}}}");
}
