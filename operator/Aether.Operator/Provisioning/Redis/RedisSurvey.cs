using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// Reads the facts about all worlds at once that <see cref="RedisProvisioner"/>, <see cref="RedisReplicas"/> and <see
/// cref="RedisSharing"/> compare for one: its user on each server, its owner record, and how the server keeps users.
/// </summary>
internal static class RedisSurvey
{
    private const string Silent = "silent";

    /// <summary>The facts by <see cref="WorldNames.Id"/>.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        RedisConnections connections, RedisAdmin primary, RedisAccess access, IReadOnlyList<SurveyedWorld> worlds)
    {
        var names = worlds.Select(world => RedisNames.Of(world.Names)).ToList();
        var records = await primary.ReadManyAsync(names.Select(each => each.OwnerKey));
        var isShared = access.Isolation == RedisIsolation.SharedUser;
        var common = isShared ? "" : string.Join(
            ' ', [$"{await primary.ReadUserPersistenceAsync()}", .. primary.LostReplicas.Select(each => $"{each}")]);
        var servers = new List<(string Server, IReadOnlyDictionary<string, string> Users)>();
        if (!isShared)
        {
            servers.Add(("primary", await ReadUsersAsync(primary, names)));
            foreach (var replica in primary.Replicas)
                servers.Add(($"{replica}", await ReadReplicaAsync(connections, access, replica, names)));
        }

        return worlds.Select((world, i) => (world.Names.Id, Facts: string.Join(
            '\n',
            [
                common,
                records[i] ?? "",
                .. servers.Select(server => $"{server.Server} {server.Users.GetValueOrDefault(names[i].User)}"),
            ]))).ToDictionary(entry => entry.Id, entry => StorePlace.Fingerprint(entry.Facts));
    }

    private static async Task<IReadOnlyDictionary<string, string>> ReadReplicaAsync(
        RedisConnections connections, RedisAccess access, System.Net.EndPoint replica, IReadOnlyList<RedisNames> names)
    {
        try
        {
            return await connections.UseReplicaAsync(access, replica, admin => ReadUsersAsync(admin, names));
        }
        catch (Exception exception) when (RedisFailures.IsExpected(exception))
        {
            // The worlds' conditions name the replica; when it answers again, the facts differ.
            return names.ToDictionary(each => each.User, _ => Silent);
        }
    }

    private static async Task<IReadOnlyDictionary<string, string>> ReadUsersAsync(
        RedisAdmin admin, IReadOnlyList<RedisNames> names)
    {
        try
        {
            return await admin.ListUsersAsync();
        }
        catch (RedisServerException refusal) when (RedisAnswers.IsRefusal(refusal.Message))
        {
            // Without +acl|list, which earlier versions did not ask for.
            var users = await Task.WhenAll(names.Select(each => admin.ReadUserAsync(each.User)));
            return names.Zip(users).ToDictionary(pair => pair.First.User, pair => pair.Second?.Describe() ?? "");
        }
    }
}
