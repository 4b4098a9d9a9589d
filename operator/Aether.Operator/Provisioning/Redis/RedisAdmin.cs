using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>A connection of the administrator for one pass: users, owner records and keys of worlds.</summary>
internal sealed class RedisAdmin : IAsyncDisposable
{
    private const int TimeoutMilliseconds = 5000;
    private const int KeysPerBatch = 500;

    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly IServer _server;

    private RedisAdmin(ConnectionMultiplexer connection)
    {
        _connection = connection;
        _database = connection.GetDatabase();
        _server = connection.GetServer(connection.GetEndPoints()[0]);
    }

    public static async Task<RedisAdmin> ConnectAsync(RedisAccess access)
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { access.Endpoint },
            User = access.Username,
            Password = access.Password,
            Ssl = access.Tls,
            // Replies of ACL GETUSER are read as RESP2 writes them.
            Protocol = RedisProtocol.Resp2,
            AllowAdmin = true,
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ConnectTimeout = TimeoutMilliseconds,
            AsyncTimeout = TimeoutMilliseconds,
            SyncTimeout = TimeoutMilliseconds,
            ClientName = OperatorNames.Operator,
            ConfigurationChannel = "",
            TieBreaker = "",
        };
        return new RedisAdmin(await ConnectionMultiplexer.ConnectAsync(options));
    }

    public async Task<RedisUser?> ReadUserAsync(string user) =>
        RedisUser.Read(await _database.ExecuteAsync("ACL", "GETUSER", user));

    public Task SetUserAsync(string user, IEnumerable<string> rules) =>
        _database.ExecuteAsync("ACL", ["SETUSER", user, .. rules]);

    public Task DeleteUserAsync(string user) => _database.ExecuteAsync("ACL", "DELUSER", user);

    /// <summary>Whether the server has a file for its users; without one it forgets them when it restarts.</summary>
    public async Task<bool> KeepsUsersAsync()
    {
        var reply = await _database.ExecuteAsync("CONFIG", "GET", "aclfile");
        return reply.Length == 2 && !string.IsNullOrEmpty((string?)reply[1]);
    }

    public Task SaveUsersAsync() => _database.ExecuteAsync("ACL", "SAVE");

    public async Task<string?> ReadAsync(string key) => await _database.StringGetAsync(key);

    /// <summary>Writes a key that must not exist; false if it does.</summary>
    public Task<bool> TryCreateAsync(string key, string value) =>
        _database.StringSetAsync(key, value, when: When.NotExists);

    public Task WriteAsync(string key, string value) => _database.StringSetAsync(key, value);

    public Task RemoveAsync(string key) => _database.KeyDeleteAsync(key);

    public async Task<bool> HasKeysAsync(string prefix, CancellationToken cancellationToken)
    {
        await foreach (var _ in Keys(prefix).WithCancellation(cancellationToken))
            return true;
        return false;
    }

    /// <summary>Removes all keys of a prefix, in batches, without holding the server up.</summary>
    public async Task RemoveAllAsync(string prefix, CancellationToken cancellationToken)
    {
        var batch = new List<RedisKey>(KeysPerBatch);
        await foreach (var key in Keys(prefix).WithCancellation(cancellationToken))
        {
            batch.Add(key);
            if (batch.Count < KeysPerBatch)
                continue;
            await _database.KeyDeleteAsync([.. batch]);
            batch.Clear();
        }

        if (batch.Count > 0)
            await _database.KeyDeleteAsync([.. batch]);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    // None of the characters a world's prefix is made of means anything in a pattern.
    private IAsyncEnumerable<RedisKey> Keys(string prefix) =>
        _server.KeysAsync(pattern: prefix + "*", pageSize: KeysPerBatch);
}
