using Aether.Persistence.Conformance;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Conformance;

/// <inheritdoc cref="InMemoryJournalTests" />
public sealed class InMemorySnapshotsTests : SnapshotStoreConformance
{
    protected override Task<(IWorldLease Lease, ISnapshotStore Snapshots)> CreateWorldAsync()
    {
        var stores = new InMemoryStores(new FakeTimeProvider());
        return Task.FromResult<(IWorldLease, ISnapshotStore)>((stores, stores));
    }
}
