using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

public sealed class RecoveryTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);
    private readonly SimulatedFileSystem _otherVolume = new(seed: 2);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task An_empty_volume_recovers_from_the_journal()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 50, Durability.Replicated);
        var digest = first.Status.Digest;
        await _fixture.CrashAsync(first);

        var second = await _fixture.OpenAsync(_otherVolume);

        Assert.Equal((new Sequence(50), digest), (second.Status.Sequence, second.Status.Digest));
        Assert.Equal((50UL, 0UL), Replayed(second));
    }

    [Fact]
    public async Task An_empty_volume_recovers_from_snapshot_and_journal()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 30, Durability.Replicated);
        await first.SnapshotAsync(Cancellation);
        await CommitAsync(first, 31, 50, Durability.Replicated);
        var digest = first.Status.Digest;
        await _fixture.CrashAsync(first);

        var second = await _fixture.OpenAsync(_otherVolume);
        var recovered = second.Status.Digest;
        var next = await second.CommitAsync(Put(1, "next", Durability.Replicated), Cancellation);

        Assert.Equal(digest, recovered);
        Assert.Equal(new Sequence(30), second.Status.Recovery!.SnapshotSequence);
        Assert.Equal((20UL, 0UL), Replayed(second));
        Assert.Equal((new Sequence(51), new Epoch(2)), (next.Sequence, next.Epoch));
    }

    [Fact]
    public async Task Sealed_block_has_the_digest_of_its_own_last_commit()
    {
        var first = await _fixture.OpenAsync(_volume);
        for (var i = 0; i < 6; i++)
            await first.CommitAsync(Put(i, new string('x', 1_000_000), Durability.Memory), Cancellation);
        await first.CommitAsync(Put(6, "last", Durability.Replicated), Cancellation);
        var digest = first.Status.Digest;
        await _fixture.CrashAsync(first);

        var second = await _fixture.OpenAsync(_otherVolume);

        Assert.InRange(_fixture.Stores.Blocks.Count, 2, 6);
        Assert.Equal(digest, second.Status.Digest);
    }

    [Fact]
    public async Task Commits_that_only_the_volume_holds_are_replayed_and_shipped()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 10, Durability.Replicated);
        _fixture.Stores.DatabaseAnswers = false;
        await CommitAsync(first, 11, 40, Durability.Fsync);
        var digest = first.Status.Digest;
        await first.DisposeAsync();
        _fixture.Stores.DatabaseAnswers = true;
        _fixture.Stores.ExpireLease();

        var second = await _fixture.OpenAsync(_volume);
        await _fixture.WhenReplicatedAsync(40);

        Assert.Equal((new Sequence(40), digest), (second.Status.Sequence, second.Status.Digest));
        Assert.Equal((10UL, 30UL), Replayed(second));
        Assert.Equal(new Epoch(1), _fixture.Stores.Blocks[^1].Epoch);
    }

    [Fact]
    public async Task Commits_that_only_the_volume_holds_have_diverged_once_another_volume_opened_the_world()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 10, Durability.Replicated);
        _fixture.Stores.DatabaseAnswers = false;
        await CommitAsync(first, 11, 13, Durability.Fsync);
        await first.DisposeAsync();
        _fixture.Stores.DatabaseAnswers = true;
        _fixture.Stores.ExpireLease();
        var second = await _fixture.OpenAsync(_otherVolume, "world-1");
        await CommitAsync(second, 11, 30, Durability.Replicated);
        var digest = second.Status.Digest;
        await _fixture.CrashAsync(second);

        var third = await _fixture.OpenAsync(_volume, "world-2");
        var recovered = third.Status.Digest;
        var next = await third.CommitAsync(Put(1, "x", Durability.Replicated), Cancellation);

        Assert.Equal((new Sequence(31), digest), (next.Sequence, recovered));
        Assert.Equal(3UL, third.Status.Recovery!.Diverged);
        Assert.Contains(_volume.Paths, path => path.StartsWith("diverged/1-11/", StringComparison.Ordinal));
        var tail = Assert.Single(_fixture.Stores.DivergedTails);
        Assert.Equal(
            (new Epoch(1), new Sequence(11), new Sequence(13), "diverged/1-11", "world-1"),
            (tail.Epoch, tail.First, tail.Last, tail.Folder, tail.OvertakenBy));
    }

    [Fact]
    public async Task A_diverged_tail_is_kept_in_the_log_until_it_was_recorded()
    {
        await LeaveOvertakenTailAsync();
        _fixture.Stores.RecordsAnswer = false;
        var interrupted = _fixture.Create(_volume);
        var starting = interrupted.StartAsync(Cancellation);
        while (!interrupted.Status.Detail.Contains("record", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        await _fixture.CrashAsync(interrupted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        _fixture.Stores.RecordsAnswer = true;

        await _fixture.OpenAsync(_volume);

        Assert.Equal(new Sequence(3), Assert.Single(_fixture.Stores.DivergedTails).Last);
        Assert.Contains(_volume.Paths, path => path.StartsWith("diverged/1-1/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_diverged_tail_is_kept_aside_also_when_the_other_writer_wrote_nothing()
    {
        await LeaveOvertakenTailAsync();

        var second = await _fixture.OpenAsync(_volume);

        Assert.Equal(Sequence.None, second.Status.Sequence);
        Assert.Equal(3UL, second.Status.Recovery!.Diverged);
    }

    [Fact]
    public async Task A_fully_shipped_volume_has_not_diverged_when_another_writer_continued()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 10, Durability.Replicated);
        await _fixture.CrashAsync(first);
        var second = await _fixture.OpenAsync(_otherVolume, "world-1");
        await CommitAsync(second, 11, 20, Durability.Replicated);
        await _fixture.CrashAsync(second);

        var third = await _fixture.OpenAsync(_volume, "world-2");

        Assert.Equal(new Sequence(20), third.Status.Sequence);
        Assert.Equal(0UL, third.Status.Recovery!.Diverged);
        Assert.DoesNotContain(_volume.Paths, path => path.StartsWith("diverged/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_snapshot_is_skipped_and_reported()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 10, Durability.Replicated);
        await first.SnapshotAsync(Cancellation);
        await CommitAsync(first, 11, 20, Durability.Replicated);
        var newest = await first.SnapshotAsync(Cancellation);
        var digest = first.Status.Digest;
        await _fixture.CrashAsync(first);
        _fixture.Stores.DamageSnapshot(
            newest, 0, chunk => [.. chunk.Select((value, i) => i == 100 ? (byte)~value : value)]);

        var second = await _fixture.OpenAsync(_otherVolume);

        Assert.Equal((new Sequence(20), digest), (second.Status.Sequence, second.Status.Digest));
        Assert.Equal(new Sequence(10), second.Status.Recovery!.SnapshotSequence);
        Assert.Contains("checksum", Assert.Single(second.Status.Recovery.SkippedSnapshots), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_world_whose_state_cannot_be_recovered_does_not_start_empty()
    {
        _fixture.Options = _fixture.Options with { MaxSnapshots = 1 };
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 10, Durability.Replicated);
        var only = await first.SnapshotAsync(Cancellation);
        await _fixture.CrashAsync(first);
        _fixture.Stores.DamageSnapshot(only, 0, chunk => chunk[..20]);

        await Assert.ThrowsAsync<RecoveryException>(() => _fixture.OpenAsync(_otherVolume));
    }

    [Fact]
    public async Task A_block_that_leads_to_another_state_is_noticed()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 3, Durability.Replicated);
        await first.SnapshotAsync(Cancellation);
        await CommitAsync(first, 4, 6, Durability.Replicated);
        await _fixture.CrashAsync(first);
        await using var stranger = new RuntimeFixture();
        var other = await stranger.OpenAsync(new SimulatedFileSystem(seed: 3));
        await CommitAsync(other, 101, 106, Durability.Replicated);
        await stranger.CrashAsync(other);
        _fixture.Stores.ReplaceBlocks(stranger.Stores.Blocks);

        var refusal = await Assert.ThrowsAsync<RecoveryException>(() => _fixture.OpenAsync(_otherVolume));

        Assert.Contains("digest", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blocks_that_exceed_memory_while_the_journal_is_unavailable_are_shipped_from_the_log()
    {
        _fixture.Options = _fixture.Options with { MaxUnshippedBytes = 2000 };
        var runtime = await _fixture.OpenAsync(_volume);
        _fixture.Stores.DatabaseAnswers = false;
        await CommitAsync(runtime, 1, 200, Durability.Fsync);
        _fixture.Stores.DatabaseAnswers = true;

        await _fixture.PassTimeUntilAsync(_fixture.WhenReplicatedAsync(200));
        await runtime.CommitAsync(Put(1, "after", Durability.Replicated), Cancellation);

        var blocks = _fixture.Stores.Blocks;
        Assert.All(blocks.Zip(blocks.Skip(1)), pair => Assert.Equal(pair.First.Last.Next, pair.Second.First));
        Assert.Equal(new Sequence(201), blocks[^1].Last);
        Assert.Equal((0UL, 0L), (runtime.Status.RecoveryPoint!.Commits, runtime.Status.RecoveryPoint.Bytes));
    }

    [Fact]
    public async Task A_clean_stop_ships_snapshots_and_releases()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 10, Durability.Memory);

        await first.StopAsync(Cancellation);
        await first.Completion;
        var second = await _fixture.OpenAsync(_otherVolume);

        Assert.Equal(RuntimePhase.Stopped, first.Status.Phase);
        Assert.Equal(new Sequence(10), _fixture.Stores.Blocks.Select(block => block.Last).Max());
        Assert.Equal(new Sequence(10), second.Status.Recovery!.SnapshotSequence);
    }

    [Fact]
    public async Task A_stop_that_has_no_time_left_still_releases_the_lease()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, 1, 10, Durability.Fsync);

        await first.StopAsync(new CancellationToken(canceled: true));

        var next = new LeaseRequest("world-1", Guid.NewGuid(), TimeSpan.FromSeconds(10));
        Assert.True((await _fixture.Stores.TryAcquireAsync(next, Cancellation)).Acquired);
    }

    [Fact]
    public async Task World_without_a_log_recovers_from_its_last_snapshot()
    {
        _fixture.Options = _fixture.Options with
        {
            DefaultDurability = Durability.Memory,
            SnapshotInterval = TimeSpan.FromSeconds(5),
        };
        var first = await _fixture.OpenAsync(volume: null);
        await CommitAsync(first, 1, 10, Durability.Memory);
        await _fixture.PassTimeUntilAsync(SnapshotOfAsync(first, 10));
        await CommitAsync(first, 11, 15, Durability.Memory);
        await _fixture.CrashAsync(first);

        // In the elapsed time, the former runtime may have taken another snapshot.
        var last = (await _fixture.Stores.ListAsync(Cancellation))[0].Sequence;
        var second = await _fixture.OpenAsync(volume: null);

        Assert.InRange(last.Value, 10UL, 15UL);
        Assert.Equal(last, second.Status.Sequence);
    }

    [Fact]
    public async Task Unchanged_state_gets_no_second_snapshot()
    {
        _fixture.Options = _fixture.Options with { SnapshotInterval = TimeSpan.FromSeconds(5) };
        var runtime = await _fixture.OpenAsync(_volume);
        await CommitAsync(runtime, 1, 3, Durability.Replicated);
        await _fixture.PassTimeUntilAsync(SnapshotOfAsync(runtime, 3));
        var taken = runtime.Status.LastSnapshot;

        _fixture.Clock.Advance(TimeSpan.FromSeconds(60));
        await CommitAsync(runtime, 4, 4, Durability.Replicated);
        await _fixture.PassTimeUntilAsync(SnapshotOfAsync(runtime, 4));

        Assert.Equal([new Sequence(4), taken!.Sequence],
            (await _fixture.Stores.ListAsync(Cancellation)).Select(manifest => manifest.Sequence));
    }

    [Fact]
    public async Task A_volume_of_another_world_is_refused()
    {
        await (await _fixture.OpenAsync(_volume)).StopAsync(Cancellation);
        _fixture.Options = _fixture.Options with { WorldId = "another-world" };

        var refusal = await Assert.ThrowsAsync<VolumeMismatchException>(() => _fixture.OpenAsync(_volume));

        Assert.Equal(("another-world", "world-under-test"), (refusal.Expected, refusal.Actual));
    }

    private async Task LeaveOvertakenTailAsync()
    {
        var first = await _fixture.OpenAsync(_volume);
        _fixture.Stores.DatabaseAnswers = false;
        await CommitAsync(first, 1, 3, Durability.Fsync);
        await first.DisposeAsync();
        _fixture.Stores.DatabaseAnswers = true;
        await _fixture.TakeOverAsync();
        _fixture.Stores.ExpireLease();
    }

    private static (ulong FromJournal, ulong FromVolume) Replayed(PersistenceRuntime runtime) =>
        (runtime.Status.Recovery!.ReplayedFromJournal, runtime.Status.Recovery.ReplayedFromVolume);

    private static async Task CommitAsync(PersistenceRuntime runtime, int from, int to, Durability durability)
    {
        for (var i = from; i <= to; i++)
            await runtime.CommitAsync(Put(i, $"value of {i}", durability), Cancellation);
    }

    private static async Task SnapshotOfAsync(PersistenceRuntime runtime, ulong sequence)
    {
        while (runtime.Status.LastSnapshot?.Sequence != new Sequence(sequence))
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
