using Aether.Persistence.Conformance;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Conformance;

/// <summary>The stores the engine is tested with keep the promises that the real ones keep.</summary>
public sealed class InMemoryJournalTests : JournalConformance
{
    protected override Task<(IWorldLease Lease, IJournal Journal, IJournal Successor)> CreateWorldAsync()
    {
        var stores = new InMemoryStores(new FakeTimeProvider());
        return Task.FromResult<(IWorldLease, IJournal, IJournal)>((stores, stores, stores));
    }
}
