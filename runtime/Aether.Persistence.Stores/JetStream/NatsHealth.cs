namespace Aether.Persistence.Stores.JetStream;

/// <summary>Checks whether the world's stream exists.</summary>
public sealed class NatsHealth(NatsWorld world)
{
    /// <summary>Asks for the stream. An outage is a result, not an exception.</summary>
    public async Task<BackendStatus> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await world.RunAsync(
                token => world.JetStream.GetStreamAsync(world.Stream, cancellationToken: token), cancellationToken);
            return new BackendStatus(NatsFailures.Store, Healthy: true, "");
        }
        catch (StoreUnavailableException exception)
        {
            return new BackendStatus(NatsFailures.Store, Healthy: false, exception.Message);
        }
    }
}
