namespace Aether.Persistence.Events;

/// <summary>
/// The events that a world publishes. Thread-safe. All members throw <see cref="StoreUnavailableException"/> if the
/// store does not answer.
/// </summary>
public interface IEventStream
{
    /// <summary>
    /// Opens the stream under <paramref name="epoch"/>; from then on the stream refuses lower epochs.
    /// </summary>
    /// <exception cref="FencedException">A writer with a higher epoch has opened the stream.</exception>
    Task OpenAsync(Epoch epoch, CancellationToken cancellationToken);

    /// <summary>Stores an event and returns its position.</summary>
    /// <exception cref="FencedException">
    /// A writer with a higher epoch has opened the stream; the event was not stored.
    /// </exception>
    Task<ulong> PublishAsync(string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>
    /// Completes when the subscription is established. Yields the stored events after
    /// <paramref name="afterEventSequence"/>, then live ones. The sequence has no end: reading throws when it is
    /// cancelled, or when no more events can come. <paramref name="typeFilter"/>: a type, a prefix with ".*" at its
    /// end, or empty for all.
    /// </summary>
    /// <exception cref="UnknownEventPositionException">
    /// The stream was recreated and ends before that position. Reading throws it too, if that is discovered later.
    /// </exception>
    Task<IAsyncEnumerable<WorldEvent>> SubscribeAsync(
        string typeFilter, ulong afterEventSequence, CancellationToken cancellationToken);
}
