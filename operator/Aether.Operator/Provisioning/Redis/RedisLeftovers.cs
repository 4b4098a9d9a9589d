using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// Removes a world's objects that earlier operators left in a Redis Cluster. They created its user on whichever member
/// answered, and each member has its own users.
/// </summary>
internal static class RedisLeftovers
{
    /// <summary>Removes the world's users from all members and then its keys, if they carry the owner's mark.</summary>
    /// <exception cref="ProvisioningException">A member does not answer, so a user may be left on it.</exception>
    public static async Task RemoveAsync(
        RedisAdmin admin, RedisNames names, DeletionRequest request, CancellationToken cancellationToken)
    {
        var silent = admin.Members.Where(member => !member.IsConnected).Select(member => $"{member.EndPoint}").ToList();
        if (silent.Count > 0)
            throw new ProvisioningException(StoreReason.Unreachable,
                $"The Redis Cluster at {request.Backend.RequiredRedis.Endpoint} may have users of this world on each "
                + $"of its members, and these members do not answer: {string.Join(", ", silent)}. Restore them.");

        var acl = new RedisAcl(names);
        var record = RedisOwnerRecord.Parse(await admin.ReadAsync(names.OwnerKey));
        OwnerMark? userMark = null;
        foreach (var member in admin.Members)
        {
            if (RedisUser.Read(await member.ExecuteAsync("ACL", "GETUSER", names.User)) is not { } user)
                continue;
            var mark = acl.OwnerOf(user) is { } uid
                ? new OwnerMark(uid, record?.World ?? "of that name")
                : record?.Mark;
            if (!Ownership.IsOwn(mark, request.Owner))
                continue;
            userMark = mark;
            await DeleteUserAsync(member, names.User);
        }

        if (!Ownership.IsOwn(record?.Mark ?? userMark, request.Owner))
            return;
        await admin.Keys.RemoveAllAsync(names, cancellationToken);
        await admin.RemoveAsync(names.OwnerKey);
    }

    private static async Task DeleteUserAsync(IServer member, string user)
    {
        await member.ExecuteAsync("ACL", "DELUSER", user);
        try
        {
            await member.ExecuteAsync("ACL", "SAVE");
        }
        catch (RedisServerException refusal) when (RedisAdmin.IsWithoutFile(refusal))
        {
            // Without a file, the member cannot restore the user.
        }
    }
}
