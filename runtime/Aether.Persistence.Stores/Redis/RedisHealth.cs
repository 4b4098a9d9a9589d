namespace Aether.Persistence.Stores.Redis;

/// <summary>Checks whether the world's keys can be read.</summary>
public sealed class RedisHealth(RedisWorld world)
{
    /// <summary>Reads one key of the world. An outage is a result, not an exception.</summary>
    public async Task<BackendStatus> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await world.RunAsync(database => database.KeyExistsAsync(world.Keys.Epoch), cancellationToken);
            return new BackendStatus(RedisFailures.Store, Healthy: true, "");
        }
        catch (StoreUnavailableException exception)
        {
            return new BackendStatus(RedisFailures.Store, Healthy: false, exception.Message);
        }
    }
}
