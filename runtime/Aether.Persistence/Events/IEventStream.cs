namespace Aether.Persistence.Events;

/// <summary>
/// The events a world publishes. Thread-safe. All members throw <see cref="StoreUnavailableException"/> when the
/// store does not answer.
/// </summary>
public interface IEventStream
{
    /// <summary>Opens the stream under <paramref name="epoch"/>; lower ones are refused from then on.</summary>
    /// <exception cref="FencedException">A higher epoch has opened it.</exception>
    Task OpenAsync(Epoch epoch, CancellationToken cancellationToken);

    /// <summary>Stores an event and returns its position.</summary>
    /// <exception cref="FencedException">A higher epoch has opened the stream; the event was not stored.</exception>
    Task<ulong> PublishAsync(string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>
    /// Completes when the subscription is established, with the stored events after
    /// <paramref name="afterEventSequence"/>, then live ones. They have no end: reading them throws when it is
    /// cancelled, or when no more can come.
    /// <paramref name="typeFilter"/>: a type, a prefix with ".*" at its end, or empty for all.
    /// </summary>
    /// <exception cref="UnknownEventPositionException">
    /// The stream was recreated and ends before that position. Reading throws it too, where that shows later.
    /// </exception>
    Task<IAsyncEnumerable<WorldEvent>> SubscribeAsync(
        string typeFilter, ulong afterEventSequence, CancellationToken cancellationToken);
}
