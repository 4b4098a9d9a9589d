namespace Aether.Persistence.Lease;

/// <summary>One opening of a world.</summary>
/// <param name="Epoch">The new epoch.</param>
/// <param name="Holder">The agent that opened the world.</param>
/// <param name="VolumeId">The volume of that agent.</param>
/// <param name="OpenedAt">When the world was opened, by the store's clock.</param>
public sealed record EpochRecord(Epoch Epoch, string Holder, Guid VolumeId, DateTimeOffset OpenedAt);
