using Aether.Persistence.Lease;

namespace Aether.Persistence.Conformance;

/// <summary>Helpers of the conformance suites.</summary>
internal static class TestWorld
{
    public static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(1);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static LeaseRequest Request(string holder = "world-0", Guid? volume = null) =>
        new(holder, volume ?? Guid.NewGuid(), TimeToLive);

    public static async Task<Epoch> OpenAsync(IWorldLease lease, string holder = "world-0", Guid? volume = null)
    {
        var attempt = await lease.TryAcquireAsync(Request(holder, volume), Cancellation);
        Assert.True(attempt.Acquired, $"The lease is held by '{attempt.Holder}' under epoch {attempt.Epoch}.");
        return attempt.Epoch;
    }

    public static async Task<Epoch> ReopenAsync(IWorldLease lease, Epoch former)
    {
        await lease.ReleaseAsync(former, Cancellation);
        return await OpenAsync(lease, "world-1");
    }
}
