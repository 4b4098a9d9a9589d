using Aether.Persistence.Conformance;
using Aether.Persistence.Lease;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Conformance;

/// <inheritdoc cref="InMemoryJournalTests" />
public sealed class InMemoryLeaseTests : WorldLeaseConformance
{
    protected override Task<(IWorldLease Lease, Func<Task> ExpireAsync)> CreateWorldAsync()
    {
        var stores = new InMemoryStores(new FakeTimeProvider());
        return Task.FromResult<(IWorldLease, Func<Task>)>((stores, ExpireAsync));

        Task ExpireAsync()
        {
            stores.ExpireLease();
            return Task.CompletedTask;
        }
    }
}
