using System.Net;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.Core;
using Npgsql;
using StackExchange.Redis;

namespace Aether.EndToEnd.Tests.Support.Stores;

/// <summary>The stores of a cluster as their administrator, for inspecting and damaging them.</summary>
internal sealed class StoreAccess(DevelopmentCluster cluster) : IAsyncDisposable
{
    // Without a reset, so that the log of statements contains only the tests' own.
    private readonly NpgsqlDataSource _postgres = NpgsqlDataSource.Create(
        $"{cluster.Postgres.AdminConnectionString};No Reset On Close=true");

    private readonly Lazy<Task<ConnectionMultiplexer>> _redis = new(() =>
        ConnectAsync(cluster, cluster.Redis.AdminUsername, cluster.Redis.AdminPassword));

    private readonly NatsConnection _nats = new(new NatsOpts
    {
        Url = cluster.Nats.Url,
        ConnectTimeout = TestServer.ClientPatience,
        RequestTimeout = TestServer.ClientPatience,
        AuthOpts = new NatsAuthOpts { Creds = cluster.NatsOperator.AdminCredentials },
    });

    /// <summary>NATS.</summary>
    public NatsConnection Nats => _nats;

    /// <summary>Runs a statement in PostgreSQL.</summary>
    public async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        await using var command = _postgres.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Reads one text from PostgreSQL.</summary>
    public async Task<string> QueryAsync(string query, CancellationToken cancellationToken)
    {
        await using var command = _postgres.CreateCommand(query);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Runs a command in Redis.</summary>
    public async Task<RedisResult> RedisAsync(string command, params object[] arguments) =>
        await (await _redis.Value).GetDatabase().ExecuteAsync(command, arguments);

    /// <summary>Logs in to PostgreSQL as another user; throws if the login is refused.</summary>
    public async Task LogInToPostgresAsync(string user, string password, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(cluster.Postgres.AdminConnectionString)
        {
            Username = user,
            Password = password,
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
    }

    /// <summary>Logs in to Redis as another user; throws if the login is refused.</summary>
    public async Task LogInToRedisAsync(string user, string password)
    {
        await using var connection = await ConnectAsync(cluster, user, password);
        await connection.GetDatabase().PingAsync();
    }

    /// <summary>Sends a request to JetStream's API.</summary>
    public async Task<JsonObject> JetStreamAsync(string subject, CancellationToken cancellationToken)
    {
        var reply = await _nats.RequestAsync<string, string>(
            $"$JS.API.{subject}", "", cancellationToken: cancellationToken);
        return JsonNode.Parse(reply.Data!)!.AsObject();
    }

    /// <summary>Stores data of the world in each store, for tests to find again.</summary>
    public async Task PutDataAsync(WorldNames world, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"UPDATE \"{world.Schema}\".world SET holder = 'what the world wrote'", cancellationToken);
        await RedisAsync("SET", $"{world.RedisKeyPrefix}key", "what the world wrote");
        await _nats.RequestAsync<string, string>(
            $"{world.SubjectPrefix}events.test", "an event of the world", cancellationToken: cancellationToken);
    }

    /// <summary>Everything that the stores and the cluster hold of a world.</summary>
    public async Task<StoreContents> ReadAsync(WorldNames world, CancellationToken cancellationToken) => new()
    {
        Postgres = await ReadPostgresAsync(world, cancellationToken),
        Redis = await ReadRedisAsync(world, cancellationToken),
        Nats = await ReadNatsAsync(world, cancellationToken),
        Secret = await ReadSecretAsync(world, cancellationToken),
    };

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _nats.DisposeAsync();
        if (_redis.IsValueCreated)
            await (await _redis.Value).DisposeAsync();
    }

    private static Task<ConnectionMultiplexer> ConnectAsync(
        DevelopmentCluster cluster, string user, string password) =>
        ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { cluster.Redis.Endpoint },
            User = user,
            Password = password,
            AllowAdmin = user == cluster.Redis.AdminUsername,
        });

    private async Task<IReadOnlyList<string>> ReadPostgresAsync(WorldNames world, CancellationToken cancellationToken)
    {
        await using var command = _postgres.CreateCommand(PostgresQueries.WorldContents);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = world.Schema });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = world.Role });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            lines.Add(reader.GetString(0));
        return lines;
    }

    private async Task<IReadOnlyList<string>> ReadRedisAsync(WorldNames world, CancellationToken cancellationToken)
    {
        var redis = await _redis.Value;
        var users = ((string?[]?)await RedisAsync("ACL", "LIST") ?? []).OfType<string>()
            .Where(line => line.StartsWith($"user {world.RedisUser} ", StringComparison.Ordinal));
        var keys = new List<string>();
        await foreach (var key in redis.GetServers()[0].KeysAsync(pattern: $"aether:*{{{world.Id}}}*")
            .WithCancellation(cancellationToken))
            keys.Add($"{key} = {await redis.GetDatabase().StringGetAsync(key)}");
        return [.. users, .. keys.Order(StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<string>> ReadNatsAsync(WorldNames world, CancellationToken cancellationToken)
    {
        var stream = await JetStreamAsync($"STREAM.INFO.{world.EventStream}", cancellationToken);
        return stream["config"] is { } config
            ?
            [
                $"stream {config.ToJsonString()}",
                $"messages {stream["state"]!["messages"]}",
                $"last {stream["state"]!["last_seq"]}",
            ]
            : [];
    }

    private async Task<IReadOnlyList<string>> ReadSecretAsync(WorldNames world, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/namespaces/{world.Namespace}/secrets/{world.Secret}";
        try
        {
            var secret = await cluster.Client.GetAsync(path, cancellationToken);
            var data = secret["data"]!.AsObject().OrderBy(entry => entry.Key, StringComparer.Ordinal);
            return
            [
                $"secret owned by {secret["metadata"]!["ownerReferences"]!.ToJsonString()}",
                .. data.Select(entry => $"{entry.Key} = {entry.Value}"),
            ];
        }
        catch (ApiException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return [];
        }
    }
}
