using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>
/// Whatever mix of commits, snapshots and crashes a world had, its last state can be recovered: on its own volume, on
/// an empty one, and, if it keeps two snapshots, also with the newest one damaged.
/// </summary>
public sealed class RetentionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Retention_never_drops_what_recovery_needs(int seed)
    {
        var random = new Random(seed);
        await using var fixture = new RuntimeFixture();
        fixture.Options = fixture.Options with { MaxSnapshots = random.Next(2, 4) };
        var volume = new SimulatedFileSystem(seed);
        var expected = (Sequence.None, default(StateDigest));
        for (var life = 0; life < 12; life++)
        {
            var runtime = await fixture.OpenAsync(volume);
            Assert.Equal(expected, (runtime.Status.Sequence, runtime.Status.Digest));

            for (var step = 0; step < 12; step++)
                await StepAsync(runtime, random);
            await runtime.CommitAsync(Put(random.Next(20), "last", Durability.Replicated), Cancellation);
            expected = (runtime.Status.Sequence, runtime.Status.Digest);
            await fixture.CrashAsync(runtime);

            await DamageNewestSnapshotAsync(fixture, random);
            volume = random.Next(2) == 0 ? volume : new SimulatedFileSystem(seed + life);
            volume.Restart(powerLoss: true);
        }
    }

    [Fact]
    public async Task Journal_log_and_snapshots_stay_small()
    {
        await using var fixture = new RuntimeFixture();
        fixture.Options = fixture.Options with { MaxSnapshots = 2 };
        var volume = new SimulatedFileSystem(seed: 1);
        var runtime = await fixture.OpenAsync(volume);

        for (var i = 0; i < 300; i++)
        {
            await runtime.CommitAsync(Put(i, new string('x', 200), Durability.Replicated), Cancellation);
            if (i % 20 == 0)
                await runtime.SnapshotAsync(Cancellation);
        }

        Assert.Equal(2, (await fixture.Stores.ListAsync(Cancellation)).Count);
        Assert.InRange(fixture.Stores.Blocks.Count, 20, 60);
        Assert.InRange(volume.Paths.Count(path => path.StartsWith("wal/", StringComparison.Ordinal)), 1, 4);
    }

    [Fact]
    public async Task Log_at_its_limit_refuses_commits_until_a_forced_snapshot_allows_segments_to_be_dropped()
    {
        const long limit = 16 * 4096;
        await using var fixture = new RuntimeFixture();
        fixture.Options = fixture.Options with { MaxSnapshots = 2, MaxLogBytes = limit };
        var volume = new SimulatedFileSystem(seed: 1);
        var runtime = await fixture.OpenAsync(volume);
        fixture.Stores.SnapshotsAnswer = false;

        var refusal = await Assert.ThrowsAsync<OverloadedException>(() => FillAsync(runtime));
        var used = volume.Paths.Count(path => path.StartsWith("wal/", StringComparison.Ordinal)) * 4096;
        fixture.Stores.SnapshotsAnswer = true;
        await fixture.PassTimeUntilAsync(SnapshotStoredAsync(runtime));
        await runtime.CommitAsync(Put(1, "again", Durability.Replicated), Cancellation);

        Assert.Contains("spec.wal.maxBytes", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(used, limit / 2, limit);
    }

    [Fact]
    public async Task Log_at_its_limit_gets_room_even_if_the_retention_after_its_snapshot_first_fails()
    {
        await using var fixture = WithSmallLog();
        var snapshots = new UnlistedOnce(fixture.Stores);
        var runtime = fixture.Create(new SimulatedFileSystem(seed: 1), snapshots: snapshots);
        await runtime.StartAsync(Cancellation);
        fixture.Stores.SnapshotsAnswer = false;
        await Assert.ThrowsAsync<OverloadedException>(() => FillAsync(runtime));
        await fixture.PassTimeUntilAsync(ForcedSnapshotFailedAsync(runtime));

        fixture.Stores.SnapshotsAnswer = true;
        await fixture.PassTimeUntilAsync(CommitWhenThereIsRoomAsync(runtime));

        Assert.True(snapshots.HasFailed);
    }

    [Fact]
    public async Task Log_at_its_limit_without_a_journal_drops_segments_that_the_previous_snapshot_covers()
    {
        await using var fixture = WithSmallLog();
        var runtime = fixture.Create(new SimulatedFileSystem(seed: 1), hasJournal: false);
        await runtime.StartAsync(Cancellation);
        for (var early = 0; early < 4; early++)
        {
            await runtime.CommitAsync(Put(early, "early"), Cancellation);
            await runtime.SnapshotAsync(Cancellation);
        }

        for (var i = 0; i < 60; i++)
            await runtime.CommitAsync(Put(i, new string('x', 500)), Cancellation);
        await runtime.SnapshotAsync(Cancellation);

        // Without this, a snapshot forced early in the burst would become the previous snapshot (ADR 0022).
        fixture.Stores.SnapshotsAnswer = false;
        await Assert.ThrowsAsync<OverloadedException>(() => FillAsync(runtime, Durability.Fsync));
        fixture.Stores.SnapshotsAnswer = true;
        await fixture.PassTimeUntilAsync(CommitWhenThereIsRoomAsync(runtime));

        Assert.Equal(5, (await fixture.Stores.ListAsync(Cancellation)).Count);
    }

    private static RuntimeFixture WithSmallLog()
    {
        var fixture = new RuntimeFixture();
        fixture.Options = fixture.Options with
        {
            MaxLogBytes = 16 * 4096,
            SnapshotInterval = TimeSpan.FromMinutes(1),
        };
        return fixture;
    }

    private static async Task CommitWhenThereIsRoomAsync(PersistenceRuntime runtime)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await runtime.CommitAsync(Put(1000, new string('x', 500), Durability.Fsync), Cancellation);
                return;
            }
            catch (OverloadedException) when (attempt < 20_000)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
            }
        }
    }

    private static async Task FillAsync(PersistenceRuntime runtime, Durability durability = Durability.Replicated)
    {
        for (var i = 0; i < 1000; i++)
            await runtime.CommitAsync(Put(i, new string('x', 500), durability), Cancellation);
    }

    [Fact]
    [Trait("Field", "F21")]
    public async Task A_snapshot_stored_in_several_attempts_is_of_one_state()
    {
        await using var fixture = new RuntimeFixture();
        var store = new ByAndBy(fixture.Stores, stops: 12);
        var runtime = fixture.Create(new SimulatedFileSystem(seed: 1), snapshots: store);
        await runtime.StartAsync(Cancellation);
        for (var i = 0; i < 16; i++)
            await runtime.CommitAsync(Put(i, new string('x', 1 << 20), Durability.Replicated), Cancellation);

        var taking = runtime.SnapshotAsync(Cancellation);
        await runtime.CommitAsync(Put(99, "later", Durability.Replicated), Cancellation);
        await fixture.PassTimeUntilAsync(taking);

        Assert.Single(store.Tried.Distinct());
        Assert.Equal(13, store.Tried.Count);
        Assert.Equal(new Sequence(16), Assert.Single(await fixture.Stores.ListAsync(Cancellation)).Sequence);
    }

    [Fact]
    [Trait("Field", "F21")]
    public async Task A_snapshot_that_makes_no_progress_is_abandoned()
    {
        await using var fixture = new RuntimeFixture();
        var store = new ByAndBy(fixture.Stores, stops: int.MaxValue) { Grows = false };
        var runtime = fixture.Create(new SimulatedFileSystem(seed: 1), snapshots: store);
        await runtime.StartAsync(Cancellation);
        await runtime.CommitAsync(Put(1, "x", Durability.Replicated), Cancellation);

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => fixture.PassTimeUntilAsync(runtime.SnapshotAsync(Cancellation)));

        Assert.InRange(store.Tried.Count, 2, 10);
        Assert.Contains(runtime.Status.Backends, backend => !backend.Healthy);
    }

    private static async Task SnapshotStoredAsync(PersistenceRuntime runtime)
    {
        while (runtime.Status.LastSnapshot is null)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
    }

    private static async Task ForcedSnapshotFailedAsync(PersistenceRuntime runtime)
    {
        while (runtime.Status.Backends.All(backend => backend.Healthy))
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
    }

    private static async Task StepAsync(PersistenceRuntime runtime, Random random)
    {
        if (random.Next(6) == 0)
            await runtime.SnapshotAsync(Cancellation);
        else
            await runtime.CommitAsync(Put(random.Next(20), new string('x', random.Next(900))), Cancellation);
    }

    private static async Task DamageNewestSnapshotAsync(RuntimeFixture fixture, Random random)
    {
        var stored = await fixture.Stores.ListAsync(Cancellation);
        if (stored.Count > 1 && random.Next(2) == 0)
            fixture.Stores.DamageSnapshot(stored[0], 0, chunk => chunk[..^1]);
    }

    /// <summary>Fails several times before it stores a snapshot, each time one chunk later.</summary>
    private sealed class ByAndBy(ISnapshotStore inner, int stops) : ISnapshotStore
    {
        public bool Resumes => true;

        public bool Grows { get; init; } = true;

        public List<SnapshotManifest> Tried { get; } = [];

        public Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken) =>
            inner.ListAsync(cancellationToken);

        public async Task WriteAsync(
            SnapshotManifest manifest,
            IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
            CancellationToken cancellationToken)
        {
            Tried.Add(manifest);
            if (Tried.Count > stops)
            {
                await inner.WriteAsync(manifest, chunks, cancellationToken);
                return;
            }

            var left = Grows ? Tried.Count : 1;
            await foreach (var chunk in chunks.WithCancellation(cancellationToken))
            {
                if (--left == 0)
                    throw new StoreUnavailableException("memory", "no more for now");
            }
        }

        public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
            SnapshotManifest manifest, CancellationToken cancellationToken) =>
            inner.ReadAsync(manifest, cancellationToken);

        public Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken) =>
            inner.DeleteAsync(epoch, manifest, cancellationToken);
    }

    /// <summary>Snapshots whose listing fails once, after the first was stored.</summary>
    private sealed class UnlistedOnce(ISnapshotStore inner) : ISnapshotStore
    {
        private bool _isDue;

        public bool HasFailed { get; private set; }

        public Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken)
        {
            if (!_isDue || HasFailed)
                return inner.ListAsync(cancellationToken);
            HasFailed = true;
            throw new StoreUnavailableException("memory", "the list does not come");
        }

        public async Task WriteAsync(
            SnapshotManifest manifest,
            IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
            CancellationToken cancellationToken)
        {
            await inner.WriteAsync(manifest, chunks, cancellationToken);
            _isDue = true;
        }

        public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
            SnapshotManifest manifest, CancellationToken cancellationToken) =>
            inner.ReadAsync(manifest, cancellationToken);

        public Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken) =>
            inner.DeleteAsync(epoch, manifest, cancellationToken);
    }
}
