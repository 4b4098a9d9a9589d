using System.Text.Json.Nodes;
using Aether.Persistence.Contracts;
using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// Finds and removes the keys of one world: with SCAN or, if the server refuses it, by the names that agents use.
/// </summary>
internal sealed class RedisKeySpace(ConnectionMultiplexer connection)
{
    private const int KeysPerBatch = 500;

    private readonly IDatabase _database = connection.GetDatabase();

    /// <summary>Whether the world has any key.</summary>
    public async Task<bool> AnyAsync(RedisNames names, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in ScanAsync(names.KeyPrefix).WithCancellation(cancellationToken))
                return true;
            return false;
        }
        catch (RedisServerException refusal) when (RedisAnswers.IsRefusal(refusal.Message))
        {
            return await _database.KeyExistsAsync([names.EpochKey, names.SnapshotsKey]) > 0;
        }
    }

    /// <summary>Removes all keys of the world in batches, so that the server is never blocked for long.</summary>
    public async Task RemoveAllAsync(RedisNames names, CancellationToken cancellationToken)
    {
        try
        {
            await RemoveAsync(ScanAsync(names.KeyPrefix), cancellationToken);
        }
        catch (RedisServerException refusal) when (RedisAnswers.IsRefusal(refusal.Message))
        {
            // This leaves chunks without a manifest; the server removes them within minutes, when they expire.
            await RemoveAsync(ListKnownAsync(names), cancellationToken);
        }
    }

    private async Task RemoveAsync(IAsyncEnumerable<RedisKey> keys, CancellationToken cancellationToken)
    {
        var batch = new List<RedisKey>(KeysPerBatch);
        await foreach (var key in keys.WithCancellation(cancellationToken))
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

    // A world's prefix contains no characters that are special in a pattern.
    private async IAsyncEnumerable<RedisKey> ScanAsync(string prefix)
    {
        var primaries = connection.GetServers().Where(server => server is { IsConnected: true, IsReplica: false });
        foreach (var server in primaries)
        {
            await foreach (var key in server.KeysAsync(pattern: prefix + "*", pageSize: KeysPerBatch))
                yield return key;
        }
    }

    // The manifests last, because they name the other keys.
    private async IAsyncEnumerable<RedisKey> ListKnownAsync(RedisNames names)
    {
        foreach (var manifest in await _database.HashGetAllAsync(names.SnapshotsKey))
        {
            if (JsonNode.Parse(manifest.Value.ToString())?[RedisKeyNames.ChunksKey]?.ToString() is { } chunks
                && chunks.StartsWith(names.KeyPrefix, StringComparison.Ordinal))
                yield return chunks;
        }

        yield return names.EpochKey;
        yield return names.SnapshotsKey;
    }
}
