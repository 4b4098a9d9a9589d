using Aether.Operator.Kinds;
using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// Maintains a world's user on the replicas that sentinels may promote. Redis does not replicate users, so a new
/// primary would otherwise refuse the world until the next survey.
/// </summary>
internal static class RedisReplicas
{
    /// <summary>The differences on the replicas that answer, and a sentence that names the others.</summary>
    public static async Task<(IReadOnlyList<Drift> Drifts, string Silent)> CompareAsync(
        RedisConnections connections, RedisAdmin primary, ProvisioningRequest request)
    {
        var (names, redis) = (RedisNames.Of(request.Names), request.Backend.RequiredRedis);
        var acl = new RedisAcl(names);
        var drifts = new List<Drift>();
        var silent = primary.LostReplicas.Select(replica => $"{replica}").ToList();
        foreach (var replica in primary.Replicas)
        {
            try
            {
                var found = await connections.UseReplicaAsync(
                    redis, replica, admin => admin.ReadUserAsync(names.User));
                var complaints = found is { } user
                    ? acl.CompareLogin(user, request.Owner.Uid, request.Credentials.RedisPassword!)
                    : ["is missing"];
                drifts.AddRange(complaints.Select(
                    complaint => new Drift($"user {names.User} {complaint} on replica {replica}")));
            }
            catch (Exception exception) when (RedisFailures.IsExpected(exception))
            {
                silent.Add($"{replica} ({exception.Message.TrimEnd('.')})");
            }
        }

        return (drifts, silent.Count == 0
            ? ""
            : " Replicas that do not answer get the world's user once they answer again: "
                + $"{string.Join(", ", silent)}.");
    }

    /// <summary>Creates the user on each replica that answers; the next survey finds the others.</summary>
    public static async Task EnsureAsync(
        RedisConnections connections, RedisAdmin primary, ProvisioningRequest request)
    {
        var names = RedisNames.Of(request.Names);
        var rules = new RedisAcl(names).Rules(request.Owner.Uid, request.Credentials.RedisPassword!);
        foreach (var replica in primary.Replicas)
        {
            try
            {
                await connections.UseReplicaAsync(request.Backend.RequiredRedis, replica, async admin =>
                {
                    await admin.SetUserAsync(names.User, rules);
                    return await admin.TrySaveUsersAsync();
                });
            }
            catch (Exception exception) when (exception is RedisConnectionException or TimeoutException)
            {
                // The replica became unreachable after the comparison: the next inspection names it, and the inspection
                // after its return creates its user.
            }
        }
    }

    /// <summary>Removes the user from all replicas if it carries the owner's mark.</summary>
    /// <exception cref="ProvisioningException">A replica does not answer, so the user may be left on it.</exception>
    public static async Task RemoveAsync(
        RedisConnections connections, RedisAdmin primary, RedisNames names, DeletionRequest request)
    {
        var redis = request.Backend.RequiredRedis;
        if (redis.Isolation == RedisIsolation.SharedUser)
            return;
        if (primary.LostReplicas.Count > 0)
            throw Silent(string.Join(", ", primary.LostReplicas), redis, null);
        foreach (var replica in primary.Replicas)
        {
            try
            {
                await connections.UseReplicaAsync(
                    redis, replica, admin => RemoveAsync(admin, names, request.Owner));
            }
            catch (RedisConnectionException exception)
            {
                throw Silent($"{replica}", redis, exception);
            }
        }
    }

    private static async Task<bool> RemoveAsync(RedisAdmin replica, RedisNames names, WorldOwner owner)
    {
        if (await replica.ReadUserAsync(names.User) is not { } user
            || new RedisAcl(names).OwnerOf(user) is not { } uid
            || !Ownership.IsOwn(new OwnerMark(uid, "of that name"), owner))
            return false;
        await replica.DeleteUserAsync(names.User);
        await replica.TrySaveUsersAsync();
        return true;
    }

    private static ProvisioningException Silent(string replicas, RedisAccess redis, Exception? cause) => new(
        StoreReason.Unreachable,
        $"Replicas of {redis.Endpoint} may have the world's user and do not answer: {replicas}. Restore them, or let "
        + "the sentinels forget replicas that no longer exist: "
        + $"SENTINEL RESET {redis.Sentinel?.MasterName}.",
        cause);
}
