using Aether.Persistence.Conformance;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aether.Persistence.Stores.Tests.JetStream;

/// <summary>Successive writers of one world, each with its own connection.</summary>
internal sealed class NatsWriters(NatsConnectionOptions options) : IAsyncDisposable
{
    private readonly InMemoryStores _lease = new(TimeProvider.System);
    private readonly List<NatsWorld> _worlds = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The journal of the next writer, which holds the lease.</summary>
    public async Task<JetStreamJournal> SucceedAsync(ulong epoch, NatsConnectionOptions? other = null)
    {
        await TakeLeaseAsync(epoch);
        return await OpenAsync(epoch, other);
    }

    /// <summary>The same, on a server that may not yet serve again.</summary>
    public async Task<JetStreamJournal> OutlastAndSucceedAsync(ulong epoch)
    {
        await TakeLeaseAsync(epoch);
        var journal = NewJournal(other: null);
        await Outages.OutlastAsync(cancellation => journal.OpenAsync(new Epoch(epoch), cancellation), Cancellation);
        return journal;
    }

    /// <summary>The journal of a writer, whether or not it holds the lease.</summary>
    public async Task<JetStreamJournal> OpenAsync(ulong epoch, NatsConnectionOptions? other = null)
    {
        var journal = NewJournal(other);
        await journal.OpenAsync(new Epoch(epoch), Cancellation);
        return journal;
    }

    /// <summary>The events of the next writer, which holds the lease.</summary>
    public async Task<JetStreamEventStream> OpenEventsAsync(ulong epoch)
    {
        await TakeLeaseAsync(epoch);
        var events = new JetStreamEventStream(Connect(other: null), _lease, NullLogger<JetStreamEventStream>.Instance);
        await events.OpenAsync(new Epoch(epoch), Cancellation);
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var world in _worlds)
            await world.DisposeAsync();
    }

    // The lease expires at once, so that the next writer can take it.
    private async Task TakeLeaseAsync(ulong epoch)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.Zero) { Above = new Epoch(epoch - 1) };
        Assert.Equal(new Epoch(epoch), (await _lease.TryAcquireAsync(request, Cancellation)).Epoch);
    }

    private JetStreamJournal NewJournal(NatsConnectionOptions? other) =>
        new(Connect(other), _lease, NullLogger<JetStreamJournal>.Instance);

    private NatsWorld Connect(NatsConnectionOptions? other)
    {
        _worlds.Add(new NatsWorld(other ?? options, TimeProvider.System));
        return _worlds[^1];
    }
}
