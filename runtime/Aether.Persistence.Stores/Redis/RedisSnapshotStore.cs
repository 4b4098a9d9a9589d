using System.Runtime.CompilerServices;
using Aether.Persistence.Snapshots;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// Snapshots of an Ephemeral world in Redis. Each attempt stores its chunks under a key of its own; a script then
/// writes the manifest, which makes them visible.
/// </summary>
/// <remarks>
/// Guaranteed: Redis keeps the highest epoch that <see cref="OpenAsync"/> or any write announced, and from then on no
/// chunk, manifest or deletion of a lower epoch takes effect. Not guaranteed: between the start of a new epoch in
/// PostgreSQL and its announcement here, a snapshot of the former writer may still be stored. It is a correct snapshot
/// of the former epoch, and older than any of the new epoch. If Redis loses its data, it also loses the epoch, until
/// the next announcement or write. Redis must not evict keys without an expiry (<c>maxmemory-policy noeviction</c> or
/// <c>volatile-*</c>).
/// </remarks>
public sealed class RedisSnapshotStore(RedisWorld world) : ISnapshotStore
{
    private readonly RedisFence _fence = new(world);

    private const int ChunksInFlight = 4;
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    public Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) =>
        _fence.OpenAsync(epoch, cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken)
    {
        var stored = await world.RunAsync(
            database => database.HashGetAllAsync(world.Keys.Manifests), cancellationToken);
        return
        [
            .. stored.Select(entry => StoredManifest.Parse(entry.Value.ToString()).ToManifest())
                .OrderByDescending(manifest => manifest.Sequence)
                .ThenByDescending(manifest => manifest.Epoch),
        ];
    }

    /// <inheritdoc />
    public async Task WriteAsync(
        SnapshotManifest manifest,
        IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
        CancellationToken cancellationToken)
    {
        // A new key for each attempt: its chunks never mix with those of an earlier attempt or with those being read
        // now.
        var chunksKey = world.Keys.Chunks(manifest, Guid.NewGuid());
        var count = await WriteChunksAsync(manifest.Epoch, chunksKey, chunks, cancellationToken);
        var published = await _fence.PublishAsync(
            manifest.Epoch,
            chunksKey,
            count,
            RedisKeys.Field(manifest),
            StoredManifest.Of(manifest, chunksKey, count).ToJson(),
            cancellationToken);
        if (!published)
        {
            throw new StoreUnavailableException(
                RedisFailures.Store,
                $"chunks of snapshot {manifest.Sequence} vanished while it was written: "
                + "it took too long, or Redis evicted them for lack of memory.");
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SnapshotManifest manifest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var json = await world.RunAsync(
            database => database.HashGetAsync(world.Keys.Manifests, RedisKeys.Field(manifest)), cancellationToken);
        if (json.IsNull)
            yield break;

        var stored = StoredManifest.Parse(json.ToString());
        for (var ordinal = 0; ordinal < stored.Chunks; ordinal++)
        {
            var field = ordinal;
            var chunk = await world.RunAsync(
                database => database.HashGetAsync(stored.ChunksKey, field), cancellationToken);
            yield return chunk.IsNull
                ? throw await ExplainMissingAsync(manifest, json, ordinal, cancellationToken)
                : (ReadOnlyMemory<byte>)chunk;
        }
    }

    /// <inheritdoc />
    public Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken) =>
        _fence.DeleteAsync(epoch, RedisKeys.Field(manifest), cancellationToken);

    // Chunks are deleted together with the manifest that names them, or another manifest replaces it. If the manifest
    // still exists, Redis has lost the chunks, and a reader that waited for them would wait for ever.
    private async Task<Exception> ExplainMissingAsync(
        SnapshotManifest manifest, RedisValue read, int ordinal, CancellationToken cancellationToken)
    {
        var now = await world.RunAsync(
            database => database.HashGetAsync(world.Keys.Manifests, RedisKeys.Field(manifest)), cancellationToken);
        return now == read
            ? new SnapshotDamagedException(
                $"Redis has lost chunk {ordinal}: it was deleted, or Redis evicts keys. Its maxmemory-policy must "
                + "be noeviction.")
            : new StoreUnavailableException(
                RedisFailures.Store, $"snapshot {manifest.Sequence} was deleted or replaced while it was read.");
    }

    private async Task<int> WriteChunksAsync(
        Epoch epoch,
        string chunksKey,
        IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
        CancellationToken cancellationToken)
    {
        var count = 0;
        var inFlight = new Queue<Task>();
        try
        {
            await foreach (var chunk in chunks.WithCancellation(cancellationToken))
            {
                if (inFlight.Count == ChunksInFlight)
                    await inFlight.Dequeue();
                inFlight.Enqueue(_fence.WriteChunkAsync(
                    epoch, chunksKey, count++, chunk, AbandonedAfter, cancellationToken));
            }
        }
        finally
        {
            // Also if the source fails: no write of this attempt may still be running when the caller continues.
            await Task.WhenAll(inFlight);
        }

        return count;
    }
}
