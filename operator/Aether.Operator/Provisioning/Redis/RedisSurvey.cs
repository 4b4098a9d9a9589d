using System.Net;
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
    private static readonly IReadOnlyDictionary<string, string> NoUsers = new Dictionary<string, string>();

    /// <summary>The facts by <see cref="WorldNames.Id"/>.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        RedisConnections connections, RedisAdmin primary, RedisAccess access, IReadOnlyList<SurveyedWorld> worlds)
    {
        var names = worlds.Select(world => RedisNames.Of(world.Names)).ToList();
        var records = await primary.ReadManyAsync(names.Select(each => each.OwnerKey));
        var servers = access.Isolation == RedisIsolation.SharedUser
            ? []
            : await ReadServersAsync(connections, primary, access);
        return worlds.Zip(names, records).ToDictionary(
            world => world.First.Names.Id,
            world => StorePlace.Fingerprint(
            [
                world.Third,
                .. servers.SelectMany(server =>
                    new[] { server.Facts, server.Users.GetValueOrDefault(world.Second.User) }),
            ]));
    }

    private static async Task<IReadOnlyList<ServerUsers>> ReadServersAsync(
        RedisConnections connections, RedisAdmin primary, RedisAccess access)
    {
        var persistence = await primary.ReadUserPersistenceAsync();
        var lost = string.Join(' ', primary.LostReplicas);
        var servers = new List<ServerUsers> { new($"{persistence} {lost}", await primary.ListUsersAsync()) };
        foreach (var replica in primary.Replicas)
            servers.Add(await ReadReplicaAsync(connections, access, replica));
        return servers;
    }

    private static async Task<ServerUsers> ReadReplicaAsync(
        RedisConnections connections, RedisAccess access, EndPoint replica)
    {
        try
        {
            return new($"{replica}", await connections.UseReplicaAsync(
                access, replica, admin => admin.ListUsersAsync()));
        }
        catch (Exception exception) when (exception is RedisConnectionException or TimeoutException)
        {
            // The worlds' conditions name the replica. When it answers again, the facts differ.
            return new($"{replica} does not answer", NoUsers);
        }
    }

    private sealed record ServerUsers(string Facts, IReadOnlyDictionary<string, string> Users);
}
