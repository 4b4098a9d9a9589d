using Aether.Persistence.Lease;
using Aether.Persistence.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Lease;

/// <summary>
/// The lease of a local world on a real file system. Its lock ends with its process, so it neither expires nor can be
/// taken from a living holder: the suite for stores does not apply.
/// </summary>
public sealed class FileLeaseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aether-lease-");
    private readonly FakeTimeProvider _clock = new();
    private readonly List<FileLease> _leases = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var lease in _leases)
            lease.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Lease_on_a_file_is_not_given_to_a_second_process()
    {
        await AcquireAsync(Create(), "first");

        var attempt = await AcquireAsync(Create(), "second");

        Assert.False(attempt.Acquired);
        Assert.Equal((new Epoch(1), "first"), (attempt.Epoch, attempt.Holder));
        Assert.True(attempt.Remaining > TimeSpan.Zero);
    }

    [Fact]
    public async Task Lease_on_a_file_does_not_expire()
    {
        await AcquireAsync(Create(), "first");
        _clock.Advance(TimeSpan.FromDays(1));

        Assert.False((await AcquireAsync(Create(), "second")).Acquired);
    }

    [Fact]
    public async Task Lease_on_a_file_is_free_for_the_next_epoch_once_its_process_has_ended()
    {
        var first = Create();
        await AcquireAsync(first, "first");
        first.Dispose();

        var attempt = await AcquireAsync(Create(), "second holder");

        Assert.True(attempt.Acquired);
        Assert.Equal((new Epoch(2), "second holder"), (attempt.Epoch, attempt.Holder));
    }

    [Fact]
    public async Task Released_lease_on_a_file_is_free_and_its_former_holder_is_fenced()
    {
        var first = Create();
        var held = await AcquireAsync(first, "first");
        await first.RenewAsync(held.Epoch, TimeSpan.FromSeconds(10), Cancellation);
        await first.ReleaseAsync(held.Epoch, Cancellation);
        await AcquireAsync(Create(), "second");

        var fenced = await Assert.ThrowsAsync<FencedException>(
            () => first.RenewAsync(held.Epoch, TimeSpan.FromSeconds(10), Cancellation));

        Assert.Equal((new Epoch(1), new Epoch(2), "second"), (fenced.Own, fenced.Current, fenced.Holder));
    }

    [Fact]
    public async Task Every_opening_is_in_the_history_of_the_lease()
    {
        var volume = Guid.NewGuid();
        for (var i = 0; i < 3; i++)
        {
            var lease = Create();
            await lease.ReleaseAsync((await AcquireAsync(lease, $"holder {i}", volume)).Epoch, Cancellation);
        }

        var history = await Create().ReadEpochsAfterAsync(new Epoch(1), Cancellation);

        Assert.Equal(
            [
                new EpochRecord(new Epoch(2), "holder 1", volume, _clock.GetUtcNow()),
                new EpochRecord(new Epoch(3), "holder 2", volume, _clock.GetUtcNow()),
            ],
            history);
    }

    private static Task<LeaseAttempt> AcquireAsync(FileLease lease, string holder, Guid? volume = null) =>
        lease.TryAcquireAsync(
            new LeaseRequest(holder, volume ?? Guid.NewGuid(), TimeSpan.FromSeconds(10)), Cancellation);

    private FileLease Create()
    {
        var lease = new FileLease(new LocalFileSystem(_folder.FullName), _clock);
        _leases.Add(lease);
        return lease;
    }
}
