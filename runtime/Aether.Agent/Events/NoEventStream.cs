using Aether.Persistence;
using Aether.Persistence.Events;

namespace Aether.Agent.Events;

/// <summary>
/// The event stream of a world whose settings name no NATS. It refuses events: if kept in memory, they would be
/// acknowledged and then lost with the pod.
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
