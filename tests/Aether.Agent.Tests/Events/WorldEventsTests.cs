using Aether.Agent.Worlds;
using Aether.Persistence;
using Aether.Persistence.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aether.Agent.Tests.Events;

public sealed class WorldEventsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_writer_that_is_refused_an_event_as_a_former_one_serves_its_world_no_more()
    {
        var events = new WorldEvents(new OvertakenStream(), TimeProvider.System, NullLogger<WorldEvents>.Instance);
        var running = events.RunAsync(new Epoch(1), Cancellation);
        Assert.False(running.IsCompleted);

        await Assert.ThrowsAsync<FencedException>(() => events.PublishAsync("a", default, Cancellation));

        Assert.Equal("world-1", (await Assert.ThrowsAsync<FencedException>(() => running)).Holder);
    }

    /// <summary>A stream that another opens right after its opener: real ones need two agents and a cut.</summary>
    private sealed class OvertakenStream : IEventStream
    {
        private Epoch _epoch;

        public Task OpenAsync(Epoch epoch, CancellationToken cancellationToken)
        {
            _epoch = epoch;
            return Task.CompletedTask;
        }

        public Task<ulong> PublishAsync(string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
            Task.FromException<ulong>(new FencedException(_epoch, new Epoch(_epoch.Value + 1), "world-1"));

        public IAsyncEnumerable<WorldEvent> SubscribeAsync(
            string typeFilter, ulong afterEventSequence, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
