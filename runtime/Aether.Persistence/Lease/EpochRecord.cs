namespace Aether.Persistence.Lease;

/// <summary>One opening of a world.</summary>
/// <param name="Epoch">The epoch taken.</param>
/// <param name="Holder">Who took it.</param>
/// <param name="VolumeId">The volume it was opened with.</param>
/// <param name="OpenedAt">When, by the store's clock.</param>
public sealed record EpochRecord(Epoch Epoch, string Holder, Guid VolumeId, DateTimeOffset OpenedAt);
