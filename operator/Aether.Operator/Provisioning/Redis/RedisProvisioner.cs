namespace Aether.Operator.Provisioning.Redis;

/// <summary>Gives a world its key prefix in Redis, and an ACL user that can touch nothing else.</summary>
internal sealed partial class RedisProvisioner(ILogger<RedisProvisioner> log) : IStoreProvisioner
{
    private readonly ILogger _log = log;

    public StoreName Store => StoreName.Redis;

    public StorePlace PlaceOf(BackendAccess backend) =>
        new(Store, backend.Redis.Endpoint, backend.Redis.Tls ? "tls" : "")
        {
            Credentials = StorePlace.Fingerprint(backend.Redis.Username, backend.Redis.Password),
        };

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) =>
        UseAsync(backend.Redis, admin => admin.ReadUserAsync(backend.Redis.Username ?? "default"));

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Redis, async admin =>
        {
            var place = $"Keys {request.Names.RedisKeyPrefix}* at {request.Backend.Redis.Endpoint}";
            var inspection = new StoreInspection(await CompareAsync(admin, request, cancellationToken))
            {
                Message = $"{place}.",
            };
            return await admin.KeepsUsersAsync() ? inspection : inspection with
            {
                Reason = StoreReasons.UsersNotPersisted,
                Message = $"{place}. The server has no aclfile and forgets the world's user when it restarts; the "
                    + "operator then makes it again, and until that agents cannot log in. Configure an aclfile.",
            };
        });

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Redis, async admin =>
        {
            var drifts = await CompareAsync(admin, request, cancellationToken);
            if (drifts.Count == 0)
                return false;

            var (names, owner) = (RedisNames.Of(request.Names), request.Owner);
            await ClaimAsync(admin, names, owner);
            await admin.SetUserAsync(names.User,
                new RedisAcl(names).Rules(owner.Uid, request.Credentials.RedisPassword));
            var made = await admin.ReadUserAsync(names.User)
                ?? throw new ProvisioningException(StoreReasons.Refused,
                    $"Redis at {request.Backend.Redis.Endpoint} lost user {names.User} right after it was made.");
            await admin.WriteAsync(names.OwnerKey,
                new RedisOwnerRecord(owner.Uid, owner.World, RedisAcl.Commands, made.Commands).ToString());
            if (await admin.KeepsUsersAsync())
                await admin.SaveUsersAsync();
            foreach (var drift in drifts)
                LogRepaired(names.User, drift.What);
            return true;
        });

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) =>
        UseAsync(request.Backend.Redis, async admin =>
        {
            var names = RedisNames.Of(request.Names);
            var (record, user, userMark) = await ReadAsync(admin, names);
            if (user is not null && Ownership.IsOwn(userMark, request.Owner))
            {
                // The user first, so that nobody writes behind what is being removed.
                await admin.DeleteUserAsync(names.User);
                if (await admin.KeepsUsersAsync())
                    await admin.SaveUsersAsync();
            }

            if (!Ownership.IsOwn(record?.Mark ?? userMark, request.Owner))
                return false;

            await admin.RemoveAllAsync(names.KeyPrefix, cancellationToken);
            await admin.RemoveAsync(names.OwnerKey);
            return true;
        });

    private static async Task<IReadOnlyList<Drift>> CompareAsync(
        RedisAdmin admin, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var (names, owner) = (RedisNames.Of(request.Names), request.Owner);
        var acl = new RedisAcl(names);
        var (record, user, userMark) = await ReadAsync(admin, names);
        var drifts = new List<Drift>();

        if (record is not null && Ownership.MustAdopt($"Redis prefix {names.KeyPrefix}", record.Mark, owner))
            drifts.Add(new Drift($"prefix {names.KeyPrefix} is adopted from UID {record.Mark.Owner}"));
        if (user is not null && Ownership.MustAdopt($"Redis user {names.User}", userMark, owner))
            drifts.Add(new Drift($"user {names.User} is adopted from UID {userMark!.Owner}"));
        if (record is null && user is null && await admin.HasKeysAsync(names.KeyPrefix, cancellationToken))
            Ownership.MustAdopt($"Redis prefix {names.KeyPrefix}", null, owner);

        if (record is null)
            drifts.Add(new Drift($"owner record {names.OwnerKey} is missing"));
        if (user is null)
            drifts.Add(new Drift($"user {names.User} is missing"));
        else
            drifts.AddRange(acl.Compare(user, owner.Uid, request.Credentials.RedisPassword, record)
                .Select(complaint => new Drift($"user {names.User} {complaint}")));
        return drifts;
    }

    private static async Task<(RedisOwnerRecord? Record, RedisUser? User, OwnerMark? UserMark)> ReadAsync(
        RedisAdmin admin, RedisNames names)
    {
        var text = await admin.ReadAsync(names.OwnerKey);
        var record = RedisOwnerRecord.Parse(text);
        if (text is not null && record is null)
            throw new ProvisioningException(StoreReasons.OwnedByAnother,
                $"Redis key {names.OwnerKey} exists and is no owner record, so nothing was touched. If nobody needs "
                + "it, remove it.");

        // A user granted all keys loses every pattern, its mark too; then the record, which no world can write, speaks.
        var user = await admin.ReadUserAsync(names.User);
        var owner = user is null ? null : new RedisAcl(names).OwnerOf(user);
        var mark = owner is null ? record?.Mark : new OwnerMark(owner, record?.World ?? "of that name");
        return (record, user, user is null ? null : mark);
    }

    // Of two operators that find nothing, one claims; the other then finds the claim.
    private static async Task ClaimAsync(RedisAdmin admin, RedisNames names, WorldOwner owner)
    {
        var claim = new RedisOwnerRecord(owner.Uid, owner.World, null, null).ToString();
        if (await admin.TryCreateAsync(names.OwnerKey, claim))
            return;
        var found = RedisOwnerRecord.Parse(await admin.ReadAsync(names.OwnerKey));
        if (Ownership.MustAdopt($"Redis prefix {names.KeyPrefix}", found?.Mark, owner))
            await admin.WriteAsync(names.OwnerKey, claim);
    }

    private static async Task<T> UseAsync<T>(RedisAccess access, Func<RedisAdmin, Task<T>> use)
    {
        try
        {
            await using var admin = await RedisAdmin.ConnectAsync(access);
            return await use(admin);
        }
        catch (Exception exception) when (RedisFailures.IsExpected(exception))
        {
            throw RedisFailures.Translate(exception, access);
        }
    }

    [LoggerMessage(5111, LogLevel.Information, "Redis user {User}: put right that {Drift}")]
    private partial void LogRepaired(string user, string drift);
}
