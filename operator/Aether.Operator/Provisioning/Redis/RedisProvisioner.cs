using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>Provisions a world's key prefix in Redis, and an ACL user that can access only that prefix.</summary>
internal sealed partial class RedisProvisioner(RedisConnections connections, ILogger<RedisProvisioner> log)
    : IStoreProvisioner
{
    // An unused key: reading it shows that the user may read the operator's records.
    private const string ProbeKey = "aether:owner:{probe}";

    private readonly ILogger _log = log;

    public StoreName Store => StoreName.Redis;

    public StorePlace PlaceOf(BackendAccess backend) =>
        PlaceOf(backend.RequiredRedis);

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        CheckAsync(backend.RequiredRedis);

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.RequiredRedis, async admin => IsShared(request)
            ? await RedisSharing.InspectAsync(admin, request, cancellationToken)
            : await InspectAsync(admin, request, cancellationToken));

    public Task<IReadOnlyDictionary<string, string>> SurveyAsync(
        BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken) =>
        UseAsync(backend.RequiredRedis, admin => RedisSurvey.ReadAsync(
            connections, admin, backend.RequiredRedis, worlds));

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.RequiredRedis, async admin =>
        {
            if (IsShared(request))
                return await RedisSharing.EnsureAsync(admin, request, cancellationToken);
            var drifts = await CompareAsync(admin, request, cancellationToken);
            var (replicaDrifts, _) = await RedisReplicas.CompareAsync(connections, admin, request);
            if (drifts.Count > 0)
                await CreateUserAsync(admin, request);
            if (replicaDrifts.Count > 0 || drifts.Count > 0)
                await RedisReplicas.EnsureAsync(connections, admin, request);
            foreach (var drift in drifts.Concat(replicaDrifts))
                LogRepaired(request.Names.RedisUser, drift.What);
            return drifts.Count > 0;
        });

    public async Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        await ConnectAsync(request.Backend.RequiredRedis, async admin =>
        {
            var names = RedisNames.Of(request.Names);
            switch (await admin.ReadRoleAsync())
            {
                case RedisRole.ClusterMember:
                    await RedisLeftovers.RemoveAsync(admin, names, request, cancellationToken);
                    return true;
                case var role:
                    Require(role, request.Backend.RequiredRedis);
                    break;
            }

            var (record, user, userMark) = await ReadAsync(admin, names, usersMayBeRefused: true);
            await RedisReplicas.RemoveAsync(connections, admin, names, request);
            if (user is not null && Ownership.IsOwn(userMark, request.Owner))
            {
                // Delete the user first, so that no client writes keys while they are removed.
                await admin.DeleteUserAsync(names.User);
                if (await admin.TrySaveUsersAsync() is { } refusal)
                    throw new ProvisioningException(StoreReason.Refused,
                        $"Redis at {request.Backend.RequiredRedis.Endpoint} dropped user {names.User} but cannot "
                        + $"update its ACL file, so it would restore the user when it restarts: {refusal}.");
            }

            if (!Ownership.IsOwn(record?.Mark ?? userMark, request.Owner))
                return false;

            await admin.Keys.RemoveAllAsync(names, cancellationToken);
            await admin.RemoveAsync(names.OwnerKey);
            return true;
        });

    private static bool IsShared(ProvisioningRequest request) =>
        request.Backend.RequiredRedis.Isolation == RedisIsolation.SharedUser;

    private static StorePlace PlaceOf(RedisAccess redis) =>
        new(StoreName.Redis, redis.Endpoint, redis.Tls ? "tls" : "")
        {
            Credentials = StorePlace.Fingerprint(
                redis.Username, redis.Password, redis.Sentinel?.Username, redis.Sentinel?.Password,
                redis.Certificates.Fingerprint),
        };

    private Task<bool> CheckAsync(RedisAccess redis) =>
        UseAsync(redis, async admin => redis.Isolation == RedisIsolation.SharedUser
            ? await admin.ReadAsync(ProbeKey) is null
            : await admin.ReadUserAsync(redis.Username ?? RedisAccess.DefaultUser) is null);

    private async Task<StoreInspection> InspectAsync(
        RedisAdmin admin, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var drifts = await CompareAsync(admin, request, cancellationToken);
        var (replicaDrifts, silent) = await RedisReplicas.CompareAsync(connections, admin, request);
        var inspection = await DescribeAsync(admin, request, [.. drifts, .. replicaDrifts]);
        return inspection with { Message = inspection.Message + silent };
    }

    private static async Task<StoreInspection> DescribeAsync(
        RedisAdmin admin, ProvisioningRequest request, IReadOnlyList<Drift> drifts)
    {
        var place = $"Keys {request.Names.RedisKeyPrefix}* at {request.Backend.RequiredRedis.Endpoint}";
        var record = RedisOwnerRecord.Parse(await admin.ReadAsync(RedisNames.Of(request.Names).OwnerKey));
        var inspection = new StoreInspection(drifts) { Message = $"{place}." };
        if (record?.NotSaved is { } refusal)
            return inspection with
            {
                Reason = StoreReason.UsersNotPersisted,
                Message = $"{place}. The server did not write the world's user to its ACL file ({refusal}) and may "
                    + "lose the user when it restarts. Allow the backend's user to run ACL SAVE.",
            };
        return await admin.ReadUserPersistenceAsync() switch
        {
            UserPersistence.File => inspection,
            UserPersistence.None => inspection with
            {
                Reason = StoreReason.UsersNotPersisted,
                Message = $"{place}. The server has no aclfile and loses the world's user when it restarts. Agents "
                    + "then cannot log in until the operator has recreated the user. Configure an aclfile.",
            },
            _ => inspection with
            {
                Reason = StoreReason.PersistenceUnknown,
                Message = $"{place}. The server does not say whether it keeps its users when it restarts, since it "
                    + "refuses CONFIG GET aclfile. If it loses them, agents cannot log in until the operator has "
                    + "recreated the user.",
            },
        };
    }

    private static async Task CreateUserAsync(RedisAdmin admin, ProvisioningRequest request)
    {
        var (names, owner) = (RedisNames.Of(request.Names), request.Owner);
        await ClaimAsync(admin, names, owner);
        await admin.SetUserAsync(names.User, new RedisAcl(names).Rules(owner.Uid, request.Credentials.RedisPassword!));
        var created = await admin.ReadUserAsync(names.User)
            ?? throw new ProvisioningException(StoreReason.Refused,
                $"Redis at {request.Backend.RequiredRedis.Endpoint} lost user {names.User} right after its creation.");
        var record = new RedisOwnerRecord(owner.Uid, owner.World, RedisAcl.Commands, created.Commands)
        {
            NotSaved = await admin.TrySaveUsersAsync(),
        };
        await admin.WriteAsync(names.OwnerKey, record.ToString());
    }

    private static async Task<IReadOnlyList<Drift>> CompareAsync(
        RedisAdmin admin, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var (names, owner) = (RedisNames.Of(request.Names), request.Owner);
        var acl = new RedisAcl(names);
        var (record, user, userMark) = await ReadAsync(admin, names, usersMayBeRefused: false);
        var drifts = new List<Drift>();

        if (record is not null && Ownership.MustAdopt($"Redis prefix {names.KeyPrefix}", record.Mark, owner))
            drifts.Add(new Drift($"prefix {names.KeyPrefix} is adopted from UID {record.Mark.Owner}"));
        if (user is not null && Ownership.MustAdopt($"Redis user {names.User}", userMark, owner))
            drifts.Add(new Drift($"user {names.User} is adopted from UID {userMark!.Owner}"));
        if (record is null && user is null && await admin.Keys.AnyAsync(names, cancellationToken))
            Ownership.MustAdopt($"Redis prefix {names.KeyPrefix}", null, owner);

        if (record is null)
            drifts.Add(new Drift($"owner record {names.OwnerKey} is missing"));
        if (user is null)
            drifts.Add(new Drift($"user {names.User} is missing"));
        else
            drifts.AddRange(acl.Compare(user, owner.Uid, request.Credentials.RedisPassword!, record)
                .Select(complaint => new Drift($"user {names.User} {complaint}")));
        return drifts;
    }

    private static async Task<(RedisOwnerRecord? Record, RedisUser? User, OwnerMark? UserMark)> ReadAsync(
        RedisAdmin admin, RedisNames names, bool usersMayBeRefused)
    {
        var record = await ReadRecordAsync(admin, names);

        // A user that was granted all keys has lost its patterns and thus its mark. The record, which no world can
        // write, then names the owner.
        var user = usersMayBeRefused ? await FindUserAsync(admin, names) : await admin.ReadUserAsync(names.User);
        var owner = user is null ? null : new RedisAcl(names).OwnerOf(user);
        var mark = owner is null ? record?.Mark : new OwnerMark(owner, record?.World ?? "of that name");
        return (record, user, user is null ? null : mark);
    }

    // If users can be neither read nor created there, the operator has created none.
    private static async Task<RedisUser?> FindUserAsync(RedisAdmin admin, RedisNames names)
    {
        try
        {
            return await admin.ReadUserAsync(names.User);
        }
        catch (RedisServerException refusal) when (RedisAnswers.IsRefusedCommand(refusal.Message))
        {
            return null;
        }
    }

    /// <summary>The owner record of a world; null if it does not exist.</summary>
    /// <exception cref="ProvisioningException">The key holds something else.</exception>
    internal static async Task<RedisOwnerRecord?> ReadRecordAsync(RedisAdmin admin, RedisNames names)
    {
        var text = await admin.ReadAsync(names.OwnerKey);
        var record = RedisOwnerRecord.Parse(text);
        return text is not null && record is null
            ? throw new ProvisioningException(StoreReason.OwnedByAnother,
                $"Redis key {names.OwnerKey} exists but is not an owner record, so the operator does not touch it. "
                + "Remove it if it is not needed.")
            : record;
    }

    /// <summary>
    /// Claims the world's prefix. If two operators find it unclaimed, the second then finds the claim of the first.
    /// </summary>
    internal static async Task ClaimAsync(RedisAdmin admin, RedisNames names, WorldOwner owner)
    {
        var claim = new RedisOwnerRecord(owner.Uid, owner.World, null, null).ToString();
        if (await admin.TryCreateAsync(names.OwnerKey, claim))
            return;
        var found = RedisOwnerRecord.Parse(await admin.ReadAsync(names.OwnerKey));
        if (Ownership.MustAdopt($"Redis prefix {names.KeyPrefix}", found?.Mark, owner))
            await admin.WriteAsync(names.OwnerKey, claim);
    }

    private Task<T> UseAsync<T>(RedisAccess access, Func<RedisAdmin, Task<T>> use) =>
        ConnectAsync(access, async admin =>
        {
            Require(await admin.ReadRoleAsync(), access);
            return await use(admin);
        });

    private async Task<T> ConnectAsync<T>(RedisAccess access, Func<RedisAdmin, Task<T>> use)
    {
        try
        {
            return await connections.UseAsync(access, use);
        }
        catch (Exception exception) when (RedisFailures.IsExpected(exception))
        {
            var failure = RedisFailures.Translate(exception, access);
            if (failure.Reason == StoreReason.Unreachable && access.Sentinel is null
                && await RedisSentinels.AnswersAsync(access))
                Require(RedisRole.Sentinel, access);
            throw failure;
        }
    }

    // Check before anything is created: Redis does not replicate users, so a user on the wrong server locks its world
    // out, and may survive it there.
    private static void Require(RedisRole role, RedisAccess access)
    {
        var place = $"Redis at {access.Endpoint}";
        switch (role)
        {
            case RedisRole.ClusterMember:
                throw new ProvisioningException(StoreReason.ClusterNotSupported,
                    $"{place}: {RedisAnswers.ClusterRefusal}");
            case RedisRole.Sentinel:
                throw new ProvisioningException(StoreReason.SentinelAddress,
                    $"{place} is a sentinel, which holds no data. Put its address, and those of the other sentinels, "
                    + "into the backend's spec.redis.sentinel.hosts instead of spec.redis.endpoint, and their name "
                    + "for the primary into spec.redis.sentinel.masterName.");
            case RedisRole.Replica when access.Sentinel is not null:
                throw new ProvisioningException(StoreReason.ReadOnlyReplica,
                    $"{place} is a read-only replica, so nothing was created there: the sentinels have not finished a "
                    + "failover, or do not agree. The operator retries.");
            case RedisRole.Replica:
                throw new ProvisioningException(StoreReason.ReadOnlyReplica,
                    $"{place} is a read-only replica, so nothing was created there. Set the backend's "
                    + "spec.redis.endpoint to the primary; after a failover, nothing else is needed.");
        }
    }

    [LoggerMessage(5111, LogLevel.Information, "Repaired Redis user {User}: {Drift}")]
    private partial void LogRepaired(string user, string drift);
}
