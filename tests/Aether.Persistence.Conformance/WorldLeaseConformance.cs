using Aether.Persistence.Lease;
using static Aether.Persistence.Conformance.TestWorld;

namespace Aether.Persistence.Conformance;

/// <summary>The contract of <see cref="IWorldLease"/>. Inherit it and return new, empty worlds.</summary>
public abstract class WorldLeaseConformance
{
    /// <summary>
    /// The lease of a world that never had a writer, and a way to make the store consider it expired, without waiting
    /// for it and without affecting anything else.
    /// </summary>
    protected abstract Task<(IWorldLease Lease, Func<Task> ExpireAsync)> CreateWorldAsync();

    [Fact]
    public async Task The_first_writer_gets_epoch_one()
    {
        var (lease, _) = await CreateWorldAsync();

        var attempt = await lease.TryAcquireAsync(Request("world-0"), Cancellation);

        Assert.True(attempt.Acquired);
        Assert.Equal((new Epoch(1), "world-0"), (attempt.Epoch, attempt.Holder));
    }

    [Fact]
    public async Task A_writer_learns_by_the_clock_of_the_store_when_it_opened_the_world()
    {
        var (lease, _) = await CreateWorldAsync();

        var attempt = await lease.TryAcquireAsync(Request("world-0"), Cancellation);

        var opening = Assert.Single(await lease.ReadEpochsAfterAsync(Epoch.None, Cancellation));
        Assert.Equal(opening.OpenedAt, attempt.OpenedAt);
        Assert.Null((await lease.TryAcquireAsync(Request("world-1"), Cancellation)).OpenedAt);
    }

    [Fact]
    public async Task A_lease_that_is_held_is_not_given_to_another()
    {
        var (lease, _) = await CreateWorldAsync();
        var held = await OpenAsync(lease, "world-0");

        var attempt = await lease.TryAcquireAsync(Request("world-1"), Cancellation);

        Assert.False(attempt.Acquired);
        Assert.Equal((held, "world-0"), (attempt.Epoch, attempt.Holder));
        Assert.InRange(attempt.Remaining, TimeSpan.FromSeconds(1), TimeToLive);
    }

    [Fact]
    public async Task The_volume_of_the_holder_need_not_wait_for_its_own_lease()
    {
        var (lease, _) = await CreateWorldAsync();
        var volume = Guid.NewGuid();
        var former = await OpenAsync(lease, "world-0", volume);

        var current = await OpenAsync(lease, "world-0-restarted", volume);

        Assert.Equal(new Epoch(former.Value + 1), current);
        await Assert.ThrowsAsync<FencedException>(() => lease.RenewAsync(former, TimeToLive, Cancellation));
    }

    [Fact]
    public async Task A_refused_attempt_leaves_no_trace()
    {
        var (lease, _) = await CreateWorldAsync();
        var held = await OpenAsync(lease);

        await lease.TryAcquireAsync(Request("world-1"), Cancellation);

        Assert.Single(await lease.ReadEpochsAfterAsync(Epoch.None, Cancellation));
        await lease.RenewAsync(held, TimeToLive, Cancellation);
    }

    [Fact]
    public async Task Expired_lease_goes_to_the_next_writer_under_the_next_epoch()
    {
        var (lease, expireAsync) = await CreateWorldAsync();
        var former = await OpenAsync(lease, "world-0");
        await expireAsync();

        var attempt = await lease.TryAcquireAsync(Request("world-1"), Cancellation);

        Assert.True(attempt.Acquired);
        Assert.Equal((new Epoch(former.Value + 1), "world-1"), (attempt.Epoch, attempt.Holder));
    }

    [Fact]
    public async Task A_released_lease_is_free_at_once()
    {
        var (lease, _) = await CreateWorldAsync();
        var former = await OpenAsync(lease);

        await lease.ReleaseAsync(former, Cancellation);
        var attempt = await lease.TryAcquireAsync(Request("world-1"), Cancellation);

        Assert.True(attempt.Acquired);
        Assert.Equal(new Epoch(former.Value + 1), attempt.Epoch);
    }

    [Fact]
    public async Task A_renewed_lease_holds_again()
    {
        var (lease, expireAsync) = await CreateWorldAsync();
        var held = await OpenAsync(lease);
        await expireAsync();

        await lease.RenewAsync(held, TimeToLive, Cancellation);
        var attempt = await lease.TryAcquireAsync(Request("world-1"), Cancellation);

        Assert.False(attempt.Acquired);
        Assert.InRange(attempt.Remaining, TimeSpan.FromSeconds(1), TimeToLive);
    }

    [Fact]
    public async Task Renewing_a_lease_that_another_writer_took_names_that_writer()
    {
        var (lease, expireAsync) = await CreateWorldAsync();
        var former = await OpenAsync(lease, "world-0");
        await expireAsync();
        var current = await OpenAsync(lease, "world-1");

        var fenced = await Assert.ThrowsAsync<FencedException>(
            () => lease.RenewAsync(former, TimeToLive, Cancellation));

        Assert.Equal((former, current, "world-1"), (fenced.Own, fenced.Current, fenced.Holder));
    }

    [Fact]
    public async Task Renewing_a_released_lease_does_not_bring_back_a_former_epoch()
    {
        var (lease, _) = await CreateWorldAsync();
        var former = await OpenAsync(lease);
        var current = await ReopenAsync(lease, former);
        await lease.ReleaseAsync(current, Cancellation);

        await Assert.ThrowsAsync<FencedException>(() => lease.RenewAsync(former, TimeToLive, Cancellation));
    }

    [Fact]
    public async Task Renewal_after_the_release_does_not_delay_the_next_writer()
    {
        var (lease, _) = await CreateWorldAsync();
        var former = await OpenAsync(lease);
        await lease.ReleaseAsync(former, Cancellation);

        await lease.RenewAsync(former, TimeToLive, Cancellation);
        var attempt = await lease.TryAcquireAsync(Request("world-1"), Cancellation);

        Assert.True(attempt.Acquired);
    }

    [Fact]
    public async Task Releasing_a_lease_that_another_writer_took_has_no_effect()
    {
        var (lease, expireAsync) = await CreateWorldAsync();
        var former = await OpenAsync(lease, "world-0");
        await expireAsync();
        var current = await OpenAsync(lease, "world-1");

        await lease.ReleaseAsync(former, Cancellation);
        var attempt = await lease.TryAcquireAsync(Request("world-2"), Cancellation);

        Assert.False(attempt.Acquired);
        Assert.Equal((current, "world-1"), (attempt.Epoch, attempt.Holder));
    }

    [Fact]
    public async Task Every_opening_is_in_the_history_with_its_volume()
    {
        var (lease, _) = await CreateWorldAsync();
        Guid[] volumes = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        foreach (var (index, volume) in volumes.Index())
            await lease.ReleaseAsync(await OpenAsync(lease, $"world-{index}", volume), Cancellation);

        var history = await lease.ReadEpochsAfterAsync(new Epoch(1), Cancellation);

        Assert.Equal(
            [(new Epoch(2), "world-1", volumes[1]), (new Epoch(3), "world-2", volumes[2])],
            history.Select(record => (record.Epoch, record.Holder, record.VolumeId)));
    }

    [Fact]
    public async Task A_writer_opens_above_an_epoch_that_another_store_knows()
    {
        var (lease, expireAsync) = await CreateWorldAsync();

        var first = await lease.TryAcquireAsync(Request() with { Above = new Epoch(41) }, Cancellation);
        await expireAsync();
        var second = await lease.TryAcquireAsync(Request() with { Above = new Epoch(7) }, Cancellation);

        Assert.Equal((new Epoch(42), new Epoch(43)), (first.Epoch, second.Epoch));
        Assert.Equal(2, (await lease.ReadEpochsAfterAsync(new Epoch(41), Cancellation)).Count);
    }

    [Fact]
    public async Task A_writer_is_confirmed_until_another_opens_also_after_its_lease_ran_out()
    {
        var (lease, expireAsync) = await CreateWorldAsync();
        var former = await OpenAsync(lease, "world-0");
        await expireAsync();
        await lease.ConfirmAsync(former, Cancellation);

        var current = await OpenAsync(lease, "world-1");
        var fenced = await Assert.ThrowsAsync<FencedException>(() => lease.ConfirmAsync(former, Cancellation));

        Assert.Equal((former, current, "world-1"), (fenced.Own, fenced.Current, fenced.Holder));
        await Assert.ThrowsAsync<FencedException>(
            () => lease.ConfirmAsync(new Epoch(current.Value + 1), Cancellation));
    }

    [Fact]
    public async Task Exactly_one_of_many_concurrent_writers_gets_the_lease()
    {
        var (lease, _) = await CreateWorldAsync();

        var attempts = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            index => Task.Run(() => lease.TryAcquireAsync(Request($"world-{index}"), Cancellation), Cancellation)));

        Assert.Single(attempts, attempt => attempt.Acquired);
        Assert.Single(await lease.ReadEpochsAfterAsync(Epoch.None, Cancellation));
    }
}
