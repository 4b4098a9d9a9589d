namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// Provisions a world in a Redis where all worlds share one user (ADR 0029): its prefix, and the owner record for the
/// prefix.
/// </summary>
internal static class RedisSharing
{
    public static async Task<StoreInspection> InspectAsync(
        RedisAdmin admin, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var redis = request.Backend.RequiredRedis;
        return new StoreInspection(await CompareAsync(admin, request, cancellationToken))
        {
            Reason = StoreReason.SharedUser,
            Message = $"Keys {request.Names.RedisKeyPrefix}* at {redis.Endpoint}. All worlds of the backend share user "
                + $"'{redis.Username ?? RedisAccess.DefaultUser}' (spec.redis.isolation: SharedUser): a client with "
                + "one world's Secret can read and change the keys of all others.",
        };
    }

    public static async Task<bool> EnsureAsync(
        RedisAdmin admin, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        if ((await CompareAsync(admin, request, cancellationToken)).Count == 0)
            return false;
        await RedisProvisioner.ClaimAsync(admin, RedisNames.Of(request.Names), request.Owner);
        return true;
    }

    private static async Task<IReadOnlyList<Drift>> CompareAsync(
        RedisAdmin admin, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var (names, owner) = (RedisNames.Of(request.Names), request.Owner);
        var what = $"Redis prefix {names.KeyPrefix}";
        if (await RedisProvisioner.ReadRecordAsync(admin, names) is { } record)
            return Ownership.MustAdopt(what, record.Mark, owner)
                ? [new Drift($"prefix {names.KeyPrefix} is adopted from UID {record.Mark.Owner}")]
                : [];

        if (await admin.Keys.AnyAsync(names, cancellationToken))
            Ownership.MustAdopt(what, null, owner);
        return [new Drift($"owner record {names.OwnerKey} is missing")];
    }
}
