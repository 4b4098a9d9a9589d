using System.Text;
using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>
/// A database that was restored from a backup, or failed over to a standby that lacked the last commits: it hands out
/// epochs again that were in use.
/// </summary>
public sealed class RestoredStoresTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);
    private readonly SimulatedFileSystem _otherVolume = new(seed: 2);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commits_acknowledged_on_a_restored_database_are_recovered_on_any_volume(bool sameVolume)
    {
        for (var life = 0; life < 3; life++)
        {
            var runtime = await _fixture.OpenAsync(_volume);
            await CommitAsync(runtime, 5);
            await _fixture.CrashAsync(runtime);
        }

        var restored = await RestoreFirstLifeAsync();
        var fourth = await OpenAsync(restored, _volume);
        Assert.Equal((new Sequence(15), new Epoch(4)), (fourth.Status.Sequence, fourth.Status.Epoch));
        await CommitAsync(fourth, 1);
        await CrashAsync(fourth, restored);

        var fifth = await OpenAsync(restored, sameVolume ? _volume : _otherVolume);

        Assert.Equal((new Sequence(16), new Epoch(5)), (fifth.Status.Sequence, fifth.Status.Epoch));
    }

    [Fact]
    public async Task A_world_opens_above_the_epoch_that_its_snapshots_know()
    {
        var snapshots = new FileSnapshotStore(new SimulatedFileSystem(seed: 3));
        for (var life = 0; life < 6; life++)
        {
            var former = _fixture.Create(_volume, snapshots: snapshots);
            await former.StartAsync(Cancellation);
            await former.SnapshotAsync(Cancellation);
            await _fixture.CrashAsync(former);
        }

        var restored = new InMemoryStores(_fixture.StoresClock);
        var runtime = _fixture.Create(_otherVolume, database: restored, snapshots: snapshots);
        await runtime.StartAsync(Cancellation);
        await CommitAsync(runtime, 1);
        await runtime.SnapshotAsync(Cancellation);

        Assert.Equal(new Epoch(7), runtime.Status.Epoch);
    }

    [Fact]
    public async Task Store_that_refuses_the_writer_for_a_successor_that_the_lease_knows_ends_the_start()
    {
        var runtime = _fixture.Create(_volume, snapshots: new OvertakenSnapshots(() => _fixture.TakeOverAsync()));

        var fenced = await Assert.ThrowsAsync<FencedException>(() => runtime.StartAsync(Cancellation));

        Assert.Equal((new Epoch(1), new Epoch(2), "intruder"), (fenced.Own, fenced.Current, fenced.Holder));
    }

    [Fact]
    public async Task An_opener_that_a_store_refuses_waits_for_the_lease_to_say_why()
    {
        var snapshots = new OvertakenSnapshots(() =>
        {
            _fixture.Stores.DatabaseAnswers = false;
            return Task.FromResult(new Epoch(41));
        });
        var runtime = _fixture.Create(_volume, snapshots: snapshots);

        var starting = runtime.StartAsync(Cancellation);
        while (runtime.Status.Phase != RuntimePhase.Waiting || _fixture.Stores.DatabaseAnswers)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        _fixture.Stores.DatabaseAnswers = true;
        await _fixture.PassTimeUntilAsync(starting);

        Assert.Equal(new Epoch(42), runtime.Status.Epoch);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public async Task Commits_that_only_the_volume_has_are_kept_aside_when_others_began_without_them(int others)
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 10, "world-0");
        await first.DisposeAsync();

        // The standby had received nothing of the first opening.
        var standby = new InMemoryStores(_fixture.StoresClock);
        var second = await OpenAsync(standby, _otherVolume);
        await CommitAsync(second, others, "world-1");
        await CrashAsync(second, standby);

        var third = await OpenAsync(standby, _volume);

        var tail = Assert.Single(standby.DivergedTails);
        Assert.Equal((new Sequence(1), new Sequence(10)), (tail.First, tail.Last));
        Assert.Contains(_volume.Paths, path => path.StartsWith(tail.Folder + "/", StringComparison.Ordinal));
        Assert.Equal((10UL, new Sequence((ulong)others)), (third.Status.Recovery!.Diverged, third.Status.Sequence));
        var value = await third.GetAsync(Key(3), confirmed: false, Cancellation);
        Assert.Equal("world-1", Encoding.UTF8.GetString(value.Value!.Value.Value.Span));
    }

    [Fact]
    public async Task Volume_restored_from_an_older_copy_continues_from_the_journal()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 10);
        var copy = _volume.Clone(seed: 3);
        await CommitAsync(first, 10);
        await _fixture.CrashAsync(first);

        var second = await _fixture.OpenAsync(copy);

        Assert.Equal((new Sequence(20), 0UL), (second.Status.Sequence, second.Status.Recovery!.Diverged));
    }

    [Fact]
    public async Task Snapshot_of_a_writer_that_continued_elsewhere_does_not_confirm_the_commits_of_a_volume()
    {
        for (var life = 0; life < 3; life++)
        {
            var runtime = await _fixture.OpenAsync(_volume);
            await CommitAsync(runtime, 5, "world-0");
            await _fixture.CrashAsync(runtime);
        }

        var restored = await RestoreFirstLifeAsync();
        var others = await OpenAsync(restored, _otherVolume);
        await CommitAsync(others, 5, "world-1");
        await others.SnapshotAsync(Cancellation);
        await CrashAsync(others, restored);

        var last = await OpenAsync(restored, _volume);

        var tail = Assert.Single(restored.DivergedTails);
        Assert.Equal((new Sequence(6), new Sequence(15)), (tail.First, tail.Last));
        Assert.Equal((10UL, new Sequence(10)), (last.Status.Recovery!.Diverged, last.Status.Sequence));
    }

    [Fact]
    public async Task Commits_in_a_snapshot_but_not_in_a_restored_journal_count_as_unshipped_until_shipped_again()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 5);
        var (head, blocks) = (await _fixture.Stores.ReadHeadAsync(Cancellation), _fixture.Stores.Blocks);
        await CommitAsync(first, 5);
        await first.SnapshotAsync(Cancellation);
        await CommitAsync(first, 2);
        await _fixture.CrashAsync(first);
        _fixture.Stores.RestoreJournal(head, blocks);

        var second = await _fixture.OpenAsync(_volume);
        await second.WaitForAsync(new Sequence(12), Epoch.None, Durability.Replicated, Cancellation);

        var point = second.Status.RecoveryPoint!;
        Assert.Equal((0UL, 0L, TimeSpan.Zero), (point.Commits, point.Bytes, point.Age));
    }

    private static async Task CommitAsync(PersistenceRuntime runtime, int commits, string value = "x")
    {
        for (var i = 0; i < commits; i++)
            await runtime.CommitAsync(Put(i, value, Durability.Replicated), Cancellation);
    }

    // The backup was taken at the end of the first life.
    private async Task<InMemoryStores> RestoreFirstLifeAsync()
    {
        var restored = new InMemoryStores(_fixture.StoresClock);
        var epoch = (await restored.TryAcquireAsync(
            new LeaseRequest("world-0", Guid.NewGuid(), TimeSpan.FromSeconds(10)), Cancellation)).Epoch;
        await restored.AppendAsync(
            epoch, [.. _fixture.Stores.Blocks.Where(block => block.Epoch == epoch)], Cancellation);
        restored.ExpireLease();
        return restored;
    }

    private async Task<PersistenceRuntime> OpenAsync(InMemoryStores database, SimulatedFileSystem volume)
    {
        var runtime = _fixture.Create(volume, database: database);
        await runtime.StartAsync(Cancellation);
        return runtime;
    }

    private static async Task CrashAsync(PersistenceRuntime runtime, InMemoryStores database)
    {
        await runtime.DisposeAsync();
        database.ExpireLease();
    }

    /// <summary>No snapshots, but an epoch that becomes known just before the first opener asks for it.</summary>
    private sealed class OvertakenSnapshots(Func<Task<Epoch>> comeUpAsync) : ISnapshotStore
    {
        private Epoch _known;

        public async Task OpenAsync(Epoch epoch, CancellationToken cancellationToken)
        {
            if (_known == Epoch.None)
                _known = await comeUpAsync();
            if (epoch < _known)
                throw new FencedException(epoch, _known, "unknown");
        }

        public Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<SnapshotManifest>>([]);

        public Task WriteAsync(
            SnapshotManifest manifest,
            IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
            CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
            SnapshotManifest manifest, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
