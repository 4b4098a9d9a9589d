using Aether.Persistence.Conformance;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Conformance;

/// <summary>The in-memory stores of the engine's tests fulfil the same contract as the real ones.</summary>
public sealed class InMemoryJournalTests : JournalConformance
{
    protected override Task<(IWorldLease Lease, IJournal Journal, IJournal Successor)> CreateWorldAsync()
    {
        var stores = new InMemoryStores(new FakeTimeProvider());
        return Task.FromResult<(IWorldLease, IJournal, IJournal)>((stores, stores, stores));
    }
}
