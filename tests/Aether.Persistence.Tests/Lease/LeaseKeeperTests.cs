using Aether.Persistence.Conformance;
using Aether.Persistence.Lease;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Lease;

public sealed class LeaseKeeperTests
{
    private static readonly TimeSpan LongLease = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly InMemoryStores _stores;

    public LeaseKeeperTests() => _stores = new InMemoryStores(_clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_waiting_agent_notices_a_release_within_a_second_however_long_the_lease_is()
    {
        var held = await _stores.TryAcquireAsync(
            new LeaseRequest("former", Guid.NewGuid(), LongLease), Cancellation);
        var keeper = new LeaseKeeper(
            _stores,
            new PersistenceOptions { WorldId = "world", Holder = "next", LeaseTimeToLive = LongLease },
            _clock,
            NullLogger<LeaseKeeper>.Instance);
        var waiting = new TaskCompletionSource();
        var acquired = keeper.AcquireAsync(Guid.NewGuid(), Epoch.None, _ => waiting.TrySetResult(), Cancellation);
        await waiting.Task;

        await _stores.ReleaseAsync(held.Epoch, Cancellation);
        while (!acquired.IsCompleted && _clock.GetUtcNow() < held.OpenedAt!.Value + LongLease / 2)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        await acquired;
        Assert.InRange(_clock.GetUtcNow() - held.OpenedAt!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }
}
