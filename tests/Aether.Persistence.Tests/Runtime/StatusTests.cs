using Aether.Persistence.Contracts;
using Aether.Persistence.Recovery;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>The status that a runtime reports.</summary>
public sealed class StatusTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_fencing_is_known_to_the_next_runtime_on_the_volume()
    {
        var first = await _fixture.OpenAsync(_volume);
        var before = first.Status.Fencings;
        await _fixture.TakeOverAsync();
        await Assert.ThrowsAsync<FencedException>(() => _fixture.PassTimeUntilAsync(first.Completion));
        await _fixture.CrashAsync(first);

        var second = await _fixture.OpenAsync(_volume);

        Assert.Equal(0, before);
        Assert.Equal(1, second.Status.Fencings);
    }

    [Fact]
    public async Task Fenced_runtime_ends_even_if_its_volume_cannot_record_the_fencing()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await _fixture.TakeOverAsync();
        _volume.Plan(0, Fault.Error);

        await Assert.ThrowsAsync<FencedException>(() => _fixture.PassTimeUntilAsync(runtime.Completion));
    }

    [Fact]
    public async Task A_world_without_a_log_has_neither_usage_nor_fencings()
    {
        _fixture.Options = _fixture.Options with { DefaultDurability = Durability.Memory };
        var runtime = await _fixture.OpenAsync(volume: null);

        Assert.Null(runtime.Status.Log);
        Assert.Null(runtime.Status.Fencings);
    }

    [Fact]
    public async Task Commits_that_wait_for_the_disk_are_in_the_queue_until_they_are_synced()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        var committed = await runtime.CommitAsync(Put(1, "a", Durability.Batched), Cancellation);
        var waiting = runtime.Status.Log!;

        await runtime.WaitForAsync(committed.Sequence, committed.Epoch, Durability.Fsync, Cancellation);
        var synced = runtime.Status.Log!;

        Assert.True(waiting.Queued > 0);
        Assert.Equal(0, synced.Queued);
        Assert.Equal(1, synced.Segments);
        Assert.True(synced.Bytes > 0);
        Assert.True(synced.Room < waiting.Room);
    }

    [Fact]
    public async Task The_lag_of_snapshots_is_counted_from_when_one_held_everything()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        var idle = runtime.Status.SnapshotLag;
        await runtime.CommitAsync(Put(1, "a"), Cancellation);
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        var never = runtime.Status.SnapshotLag;
        await runtime.SnapshotAsync(Cancellation);
        var taken = runtime.Status.SnapshotLag;
        _fixture.Clock.Advance(TimeSpan.FromHours(2));
        var unchanged = runtime.Status.SnapshotLag;

        await runtime.CommitAsync(Put(2, "b"), Cancellation);

        Assert.Equal(
            [TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromHours(2)],
            [idle, never, taken, unchanged, runtime.Status.SnapshotLag]);
    }

    [Fact]
    public async Task A_snapshot_has_the_same_size_for_its_writer_and_for_a_recovery_from_it()
    {
        var first = await _fixture.OpenAsync(_volume);
        await first.CommitAsync(Put(1, "a"), Cancellation);
        await first.SnapshotAsync(Cancellation);
        var written = first.Status.LastSnapshotBytes;
        await _fixture.CrashAsync(first);

        var second = await _fixture.OpenAsync(_volume);

        Assert.True(written > 0);
        Assert.Equal(written, second.Status.LastSnapshotBytes);
        Assert.Equal(1, second.Status.RecoveryProgress);
    }

    [Fact]
    public void Progress_counts_keys_and_commits_and_is_complete_only_after_the_last_of_them()
    {
        var progress = new RecoveryProgress();
        var ratios = new List<double> { progress.Ratio };
        progress.Begin(keys: 50, new Sequence(100), new Sequence(150));
        progress.Read(25);
        ratios.Add(progress.Ratio);
        progress.Read(50);
        ratios.Add(progress.Ratio);
        progress.Reach(new Sequence(125));
        ratios.Add(progress.Ratio);
        progress.Reach(new Sequence(150));
        var almost = progress.Ratio;
        progress.Complete();

        Assert.Equal([0, 0.25, 0.5, 0.75], ratios);
        Assert.True(almost < 1);
        Assert.Equal(1, progress.Ratio);
    }

    [Fact]
    public void Progress_restarts_with_another_snapshot()
    {
        var progress = new RecoveryProgress();
        progress.Begin(keys: 50, new Sequence(100), new Sequence(150));
        progress.Read(40);

        progress.Begin(keys: 10, new Sequence(90), new Sequence(150));

        Assert.Equal(0, progress.Ratio);
    }
}
