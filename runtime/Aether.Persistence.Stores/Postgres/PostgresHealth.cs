namespace Aether.Persistence.Stores.Postgres;

/// <summary>Checks whether the world's schema answers.</summary>
public sealed class PostgresHealth(PostgresWorld world)
{
    /// <summary>Reads the world's row. An outage is a result, not an exception.</summary>
    public async Task<BackendStatus> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await world.RunAsync(
                connection => PostgresEpoch.ReadAsync(connection, world.Tables, cancellationToken),
                cancellationToken);
            return new BackendStatus(PostgresFailures.Store, Healthy: true, "");
        }
        catch (StoreUnavailableException exception)
        {
            return new BackendStatus(PostgresFailures.Store, Healthy: false, exception.Message);
        }
    }
}
