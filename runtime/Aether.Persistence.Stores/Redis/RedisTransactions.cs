using System.Globalization;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// The same writes as <see cref="RedisScripts"/>, as MULTI and EXEC under WATCH: at the moment of the write the server
/// checks the compared values again, and a transaction that finds a change does nothing and is repeated. All return 0,
/// -1 if chunks are missing, or the higher epoch that refused them.
/// </summary>
internal sealed class RedisTransactions(RedisWorld world)
{
    public Task<long> OpenAsync(Epoch epoch, CancellationToken cancellationToken) => RunAsync(
        epoch,
        (database, transaction) =>
        {
            Enqueue(transaction.StringSetAsync(world.Keys.Epoch, epoch.Value));
            return Task.FromResult(0L);
        },
        cancellationToken);

    public Task<long> WriteChunkAsync(
        Epoch epoch,
        RedisKey chunks,
        int ordinal,
        ReadOnlyMemory<byte> chunk,
        TimeSpan expiry,
        CancellationToken cancellationToken) => RunAsync(
            epoch,
            (database, transaction) =>
            {
                Enqueue(transaction.HashSetAsync(chunks, ordinal, chunk));
                Enqueue(transaction.KeyExpireAsync(chunks, expiry));
                return Task.FromResult(0L);
            },
            cancellationToken);

    public Task<long> PublishAsync(
        Epoch epoch, RedisKey chunks, int count, string field, string manifest, CancellationToken cancellationToken) =>
        RunAsync(
            epoch,
            async (database, transaction) =>
            {
                if (await database.HashLengthAsync(chunks) != count)
                    return -1;
                transaction.AddCondition(Condition.HashLengthEqual(chunks, count));
                var former = await WatchFormerAsync(database, transaction, field);
                Enqueue(transaction.KeyPersistAsync(chunks));
                Enqueue(transaction.HashSetAsync(world.Keys.Manifests, field, manifest));
                if (former is not null)
                    Enqueue(transaction.KeyDeleteAsync(former));
                return 0;
            },
            cancellationToken);

    public Task<long> DeleteAsync(Epoch epoch, string field, CancellationToken cancellationToken) => RunAsync(
        epoch,
        async (database, transaction) =>
        {
            var former = await WatchFormerAsync(database, transaction, field);
            Enqueue(transaction.HashDeleteAsync(world.Keys.Manifests, field));
            if (former is not null)
                Enqueue(transaction.KeyDeleteAsync(former));
            return 0;
        },
        cancellationToken);

    private Task<long> RunAsync(
        Epoch epoch, Func<IDatabase, ITransaction, Task<long>> prepareAsync, CancellationToken cancellationToken) =>
        world.RunAsync(
            async database =>
            {
                while (true)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var seen = await database.StringGetAsync(world.Keys.Epoch);
                    var known = seen.IsNull ? 0 : ulong.Parse(seen.ToString(), CultureInfo.InvariantCulture);
                    if (known > epoch.Value)
                        return (long)known;

                    var transaction = database.CreateTransaction();
                    transaction.AddCondition(seen.IsNull
                        ? Condition.KeyNotExists(world.Keys.Epoch)
                        : Condition.StringEqual(world.Keys.Epoch, seen));
                    if (known < epoch.Value)
                        Enqueue(transaction.StringSetAsync(world.Keys.Epoch, epoch.Value));
                    if (await prepareAsync(database, transaction) is not 0 and var result)
                        return result;
                    if (await transaction.ExecuteAsync())
                        return 0;
                }
            },
            cancellationToken);

    private async Task<string?> WatchFormerAsync(IDatabase database, ITransaction transaction, string field)
    {
        var manifest = await database.HashGetAsync(world.Keys.Manifests, field);
        transaction.AddCondition(manifest.IsNull
            ? Condition.HashNotExists(world.Keys.Manifests, field)
            : Condition.HashEqual(world.Keys.Manifests, field, manifest));
        return manifest.IsNull ? null : StoredManifest.Parse(manifest.ToString()).ChunksKey;
    }

    // The transaction reports the result. If it fails, this task fails too, and must not be reported as unobserved.
    private static void Enqueue(Task command) => _ = command.ContinueWith(
        task => task.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
