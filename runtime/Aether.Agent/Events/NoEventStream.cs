using Aether.Persistence;
using Aether.Persistence.Events;

namespace Aether.Agent.Events;

/// <summary>
/// Stands in for the events of a world whose settings name no NATS. It refuses: events kept in memory would be
/// acknowledged and lost with the pod.
/// </summary>
internal sealed class NoEventStream : IEventStream
{
    public Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<ulong> PublishAsync(string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        Task.FromException<ulong>(new NoEventsException());

    public Task<IAsyncEnumerable<WorldEvent>> SubscribeAsync(
        string typeFilter, ulong afterEventSequence, CancellationToken cancellationToken) =>
        Task.FromException<IAsyncEnumerable<WorldEvent>>(new NoEventsException());
}
