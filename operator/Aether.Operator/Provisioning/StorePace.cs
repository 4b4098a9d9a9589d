using System.Threading.RateLimiting;

namespace Aether.Operator.Provisioning;

/// <summary>
/// Limits how many worlds per second are inspected in one store, so that neither a restart of the operator nor a store
/// that returns after an outage meets all worlds at once. Thread-safe.
/// </summary>
/// <remarks>
/// Waiting keeps a worker, but the queue of worlds is fair between namespaces: a world on another backend waits for few
/// inspections of a namespace's worlds, not for all of them.
/// </remarks>
internal sealed class StorePace(OperatorOptions options) : IAsyncDisposable
{
    private readonly PartitionedRateLimiter<StorePlace> _limiter =
        PartitionedRateLimiter.Create<StorePlace, StorePlace>(place => RateLimitPartition.GetTokenBucketLimiter(
            place,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.InspectionsPerSecond,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1) / options.InspectionsPerSecond,
                QueueLimit = int.MaxValue,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));

    /// <summary>Waits until another world may be inspected in the store.</summary>
    public async Task WaitAsync(StorePlace place, CancellationToken cancellationToken)
    {
        using var lease = await _limiter.AcquireAsync(place, cancellationToken: cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _limiter.DisposeAsync();
}
