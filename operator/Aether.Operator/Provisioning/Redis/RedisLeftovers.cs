using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// Removes what operators before this one left of a world in a Redis Cluster: they made its user on whichever member
/// answered, and each member keeps its users to itself.
/// </summary>
internal static class RedisLeftovers
{
    /// <summary>Removes the world's users from all members, then its keys; both only where they are its own.</summary>
    /// <exception cref="ProvisioningException">A member does not answer: a user may be left on it.</exception>
    public static async Task RemoveAsync(
        RedisAdmin admin, RedisNames names, DeletionRequest request, CancellationToken cancellationToken)
    {
        var silent = admin.Members.Where(member => !member.IsConnected).Select(member => $"{member.EndPoint}").ToList();
        if (silent.Count > 0)
            throw new ProvisioningException(StoreReason.Unreachable,
                $"The Redis Cluster at {request.Backend.RequiredRedis.Endpoint} may hold users of this world on each "
                + $"of its members, and these do not answer: {string.Join(", ", silent)}. Bring them back.");

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
            // Nothing on this member could bring the user back.
        }
    }
}
