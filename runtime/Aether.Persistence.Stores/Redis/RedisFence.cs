using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// Writes a world's snapshots so that no write takes effect once a higher epoch is known: by scripts or, if the server
/// refuses scripts, by transactions.
/// </summary>
internal sealed class RedisFence(RedisWorld world)
{
    private readonly RedisTransactions _transactions = new(world);
    private volatile bool _scriptsAreRefused;

    /// <summary>Announces an epoch.</summary>
    public Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) => RunAsync(
        epoch,
        () => EvaluateAsync(RedisScripts.Open, epoch, [world.Keys.Epoch], [], cancellationToken),
        () => _transactions.OpenAsync(epoch, cancellationToken));

    /// <summary>
    /// Writes one chunk. The chunks of an abandoned attempt disappear after <paramref name="expiry"/>.
    /// </summary>
    public Task WriteChunkAsync(
        Epoch epoch,
        RedisKey chunks,
        int ordinal,
        ReadOnlyMemory<byte> chunk,
        TimeSpan expiry,
        CancellationToken cancellationToken) => RunAsync(
            epoch,
            () => EvaluateAsync(
                RedisScripts.WriteChunk,
                epoch,
                [world.Keys.Epoch, chunks],
                [ordinal, chunk, (long)expiry.TotalMilliseconds],
                cancellationToken),
            () => _transactions.WriteChunkAsync(epoch, chunks, ordinal, chunk, expiry, cancellationToken));

    /// <summary>Makes a snapshot visible; returns false if not all of its chunks exist.</summary>
    public async Task<bool> PublishAsync(
        Epoch epoch, RedisKey chunks, int count, string field, string manifest, CancellationToken cancellationToken) =>
        await RunAsync(
            epoch,
            () => EvaluateAsync(
                RedisScripts.Publish,
                epoch,
                [world.Keys.Epoch, chunks, world.Keys.Manifests],
                [count, field, manifest],
                cancellationToken),
            () => _transactions.PublishAsync(epoch, chunks, count, field, manifest, cancellationToken)) >= 0;

    /// <summary>Removes a snapshot.</summary>
    public Task DeleteAsync(Epoch epoch, string field, CancellationToken cancellationToken) => RunAsync(
        epoch,
        () => EvaluateAsync(
            RedisScripts.Delete, epoch, [world.Keys.Epoch, world.Keys.Manifests], [field], cancellationToken),
        () => _transactions.DeleteAsync(epoch, field, cancellationToken));

    private async Task<long> RunAsync(Epoch epoch, Func<Task<long>> evaluate, Func<Task<long>> transact)
    {
        var result = await TryEvaluateAsync(evaluate) ?? await transact();
        return result > 0 ? throw new FencedException(epoch, new Epoch((ulong)result), "unknown") : result;
    }

    // Returns null if the server refuses scripts, which stays so for the connection's user.
    private async Task<long?> TryEvaluateAsync(Func<Task<long>> evaluate)
    {
        if (_scriptsAreRefused)
            return null;

        try
        {
            return await evaluate();
        }
        catch (StoreUnavailableException exception) when (RedisFailures.IsRefusedScript(exception.InnerException))
        {
            _scriptsAreRefused = true;
            return null;
        }
    }

    private Task<long> EvaluateAsync(
        string script, Epoch epoch, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        world.RunAsync(
            async database => (long)await database.ScriptEvaluateAsync(script, keys, [epoch.Value, .. arguments]),
            cancellationToken);
}
