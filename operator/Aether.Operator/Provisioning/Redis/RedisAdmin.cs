using System.Net;
using Aether.Persistence.Contracts;
using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// Commands of the administrator on a connection that it does not own: users, owner records and keys of worlds.
/// </summary>
internal sealed class RedisAdmin
{
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;

    public RedisAdmin(ConnectionMultiplexer connection)
    {
        _connection = connection;
        _database = connection.GetDatabase();
        Keys = new RedisKeySpace(connection);
    }

    /// <summary>The keys of worlds.</summary>
    public RedisKeySpace Keys { get; }

    /// <summary>The replicas of the primary that the sentinels can reach.</summary>
    public IReadOnlyList<EndPoint> Replicas { get; init; } = [];

    /// <summary>The replicas of the primary that the sentinels cannot reach.</summary>
    public IReadOnlyList<EndPoint> LostReplicas { get; init; } = [];

    /// <summary>The role that the server reports.</summary>
    public async Task<RedisRole> ReadRoleAsync()
    {
        var mode = await ReadInfoAsync("server", "redis_mode") ?? await ReadInfoAsync("server", "server_mode");
        return mode switch
        {
            "cluster" => RedisRole.ClusterMember,
            "sentinel" => RedisRole.Sentinel,
            _ => await ReadInfoAsync("replication", "role") == "slave" ? RedisRole.Replica : RedisRole.Primary,
        };
    }

    public async Task<RedisUser?> ReadUserAsync(string user) =>
        RedisUser.Read(await _database.ExecuteAsync("ACL", "GETUSER", user));

    /// <summary>All users in the server's own notation, by name.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ListUsersAsync()
    {
        var lines = (string?[]?)await _database.ExecuteAsync("ACL", "LIST") ?? [];
        return lines.OfType<string>().Select(line => line.Split(' ', 3)).Where(words => words.Length > 1)
            .ToDictionary(words => words[1], words => words.Length > 2 ? words[2] : "");
    }

    /// <summary>The values of keys, in their order; null for a missing one.</summary>
    public async Task<IReadOnlyList<string?>> ReadManyAsync(IEnumerable<string> keys)
    {
        var names = keys.Select(key => (RedisKey)key).ToArray();
        return names.Length == 0
            ? []
            : [.. (await _database.StringGetAsync(names)).Select(value => (string?)value)];
    }

    public Task SetUserAsync(string user, IEnumerable<string> rules) =>
        _database.ExecuteAsync("ACL", ["SETUSER", user, .. rules]);

    public Task DeleteUserAsync(string user) => _database.ExecuteAsync("ACL", "DELUSER", user);

    /// <summary>Whether the server persists its users in a file; without one, it loses them when it restarts.</summary>
    public async Task<UserPersistence> ReadUserPersistenceAsync()
    {
        try
        {
            var reply = await _database.ExecuteAsync("CONFIG", "GET", "aclfile");
            return reply.Length == 2 && !string.IsNullOrEmpty((string?)reply[1])
                ? UserPersistence.File
                : UserPersistence.None;
        }
        catch (RedisServerException refusal) when (RedisAnswers.IsRefusal(refusal.Message))
        {
            // Managed servers have no CONFIG and persist users by other means. The answer only decides on an advice.
            return UserPersistence.Unknown;
        }
    }

    /// <summary>
    /// Lets the server write its users to their file, if it has one. Returns the reason if it refuses.
    /// </summary>
    public async Task<string?> TrySaveUsersAsync()
    {
        if (await ReadUserPersistenceAsync() == UserPersistence.None)
            return null;

        try
        {
            await _database.ExecuteAsync("ACL", "SAVE");
            return null;
        }
        catch (RedisServerException refusal)
        {
            return IsWithoutFile(refusal) ? null : refusal.Message;
        }
    }

    /// <summary>Whether ACL SAVE was refused because the server has no file for its users.</summary>
    public static bool IsWithoutFile(RedisServerException refusal) =>
        refusal.Message.Contains("ACL file", StringComparison.OrdinalIgnoreCase);

    public async Task<string?> ReadAsync(string key) => await _database.StringGetAsync(key);

    /// <summary>Creates a key; false if it exists.</summary>
    public Task<bool> TryCreateAsync(string key, string value) =>
        _database.StringSetAsync(key, value, when: When.NotExists);

    public Task WriteAsync(string key, string value) => _database.StringSetAsync(key, value);

    public Task RemoveAsync(string key) => _database.KeyDeleteAsync(key);

    /// <summary>The servers of a cluster, each of which has its own users.</summary>
    public IReadOnlyList<IServer> Members => _connection.GetServers();

    private async Task<string?> ReadInfoAsync(string section, string field)
    {
        try
        {
            var server = _connection.GetServer(_connection.GetEndPoints()[0]);
            var text = (await server.ExecuteAsync("INFO", section)).ToString();
            return text.Split('\n')
                .FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..]
                .Trim();
        }
        catch (RedisServerException refusal) when (RedisAnswers.IsRefusal(refusal.Message))
        {
            // Assume the usual role if INFO is not allowed; the server's answers to later commands then decide.
            return null;
        }
    }
}
