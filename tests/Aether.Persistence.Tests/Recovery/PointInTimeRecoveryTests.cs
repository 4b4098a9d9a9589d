using Aether.Persistence.Contracts;
using Aether.Persistence.Recovery;
using Aether.Persistence.Runtime;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Runtime;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Recovery;

public sealed class PointInTimeRecoveryTests : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RuntimeFixture _fixture = new();
    private readonly List<StateDigest> _digests = [StateDigest.Empty];

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_commit_in_the_middle_of_a_block_is_recovered_and_proven_by_the_rest()
    {
        var runtime = await OpenAsync();
        await CommitAsync(runtime, commits: 5);

        for (ulong sequence = 0; sequence <= 5; sequence++)
        {
            var point = await RecoverAsync(RecoveryTarget.At(new Sequence(sequence)));
            Assert.Equal(
                (sequence, _digests[(int)sequence], sequence),
                (point.State.Sequence.Value, point.State.Digest, point.Replayed));
        }

        Assert.Single(_fixture.Stores.Blocks);
    }

    [Fact]
    public async Task A_point_holds_values_versions_and_idempotency_keys_of_then()
    {
        var runtime = await OpenAsync();
        await runtime.CommitAsync(Put(1, "then", Durability.Replicated, "first"), Cancellation);
        await runtime.CommitAsync(Put(1, "later", Durability.Replicated, "second"), Cancellation);

        var point = await RecoverAsync(RecoveryTarget.At(new Sequence(1)));

        var entry = Assert.Single(point.State.Entries);
        Assert.Equal(("then", 1UL),
            (System.Text.Encoding.UTF8.GetString(entry.Value.Value.Span), entry.Value.Version.Value));
        Assert.Equal(1UL, Assert.Single(point.World.IdempotencyKeys).Sequence.Value);
    }

    [Fact]
    public async Task Commits_of_the_very_time_are_part_of_the_recovered_state()
    {
        var runtime = await OpenAsync();
        var start = _fixture.Clock.GetUtcNow();
        for (var i = 0; i < 3; i++)
        {
            await CommitAsync(runtime, commits: 2);
            _fixture.Clock.Advance(Minute);
        }

        Assert.Equal(0UL, await SequenceAtAsync(start - TimeSpan.FromTicks(1)));
        Assert.Equal(2UL, await SequenceAtAsync(start));
        Assert.Equal(2UL, await SequenceAtAsync(start + Minute - TimeSpan.FromTicks(1)));
        Assert.Equal(4UL, await SequenceAtAsync(start + Minute));
        Assert.Equal(6UL, await SequenceAtAsync(DateTimeOffset.MaxValue));
    }

    [Fact]
    public async Task A_point_before_all_that_is_kept_is_refused_with_what_is_kept()
    {
        _fixture.Options = _fixture.Options with { MaxSnapshots = 1 };
        var runtime = await OpenAsync();
        var start = _fixture.Clock.GetUtcNow();
        await CommitAsync(runtime, commits: 1);
        _fixture.Clock.Advance(Minute);
        await CommitAsync(runtime, commits: 2);
        await runtime.SnapshotAsync(Cancellation);

        var commit = await Assert.ThrowsAsync<PointNotKeptException>(
            () => RecoverAsync(RecoveryTarget.At(new Sequence(2))));
        var time = await Assert.ThrowsAsync<PointNotKeptException>(() => RecoverAsync(RecoveryTarget.At(start)));

        Assert.Contains("commit 2: the oldest snapshot is of commit 3", commit.Message, StringComparison.Ordinal);
        Assert.Contains("the oldest snapshot is of commit 3", time.Message, StringComparison.Ordinal);
        Assert.Equal(3UL, (await RecoverAsync(RecoveryTarget.At(new Sequence(3)))).State.Sequence.Value);
    }

    [Fact]
    public async Task Snapshot_captured_again_is_valid_from_its_last_commit_on()
    {
        _fixture.Options = _fixture.Options with { MaxSnapshots = 1 };
        var runtime = await OpenAsync();
        await CommitAsync(runtime, commits: 3);
        var committed = _fixture.Clock.GetUtcNow();
        await runtime.SnapshotAsync(Cancellation);
        _fixture.Clock.Advance(Minute);
        await runtime.SnapshotAsync(Cancellation);

        Assert.Equal(3UL, await SequenceAtAsync(committed));
    }

    [Fact]
    public async Task A_commit_that_the_journal_does_not_hold_yet_is_refused()
    {
        var runtime = await OpenAsync();
        await CommitAsync(runtime, commits: 2);

        var refusal = await Assert.ThrowsAsync<PointNotKeptException>(
            () => RecoverAsync(RecoveryTarget.At(new Sequence(3))));

        Assert.Contains("the journal ends with commit 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_snapshot_is_used_in_place_of_a_damaged_one()
    {
        var runtime = await OpenAsync();
        await CommitAsync(runtime, commits: 2);
        await runtime.SnapshotAsync(Cancellation);
        await CommitAsync(runtime, commits: 2);
        var damaged = await runtime.SnapshotAsync(Cancellation);
        await CommitAsync(runtime, commits: 2);
        _fixture.Stores.DamageSnapshot(damaged, 0, chunk => chunk[..^1]);

        var point = await RecoverAsync(RecoveryTarget.At(new Sequence(5)));

        Assert.Equal(_digests[5], point.State.Digest);
        Assert.Equal(2UL, point.SnapshotSequence.Value);
        Assert.Contains("commit 4", Assert.Single(point.SkippedSnapshots), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_or_damaged_blocks_are_found()
    {
        var runtime = await OpenAsync();
        for (var i = 0; i < 4; i++)
            await CommitAsync(runtime, commits: 2);
        var blocks = _fixture.Stores.Blocks;

        _fixture.Stores.ReplaceBlocks([blocks[0], blocks[1], blocks[3]]);
        await Assert.ThrowsAsync<RecoveryException>(() => RecoverAsync(RecoveryTarget.Latest));
        _fixture.Stores.ReplaceBlocks(blocks.Take(3));
        await Assert.ThrowsAsync<RecoveryException>(() => RecoverAsync(RecoveryTarget.At(new Sequence(8))));
        _fixture.Stores.ReplaceBlocks([blocks[0], Flipped(blocks[1])]);
        await Assert.ThrowsAsync<RecoveryException>(() => RecoverAsync(RecoveryTarget.At(new Sequence(3))));
    }

    private static LogBlock Flipped(LogBlock block)
    {
        var bytes = block.Encoded.ToArray();
        bytes[^2] ^= 1;
        return block with { Encoded = bytes };
    }

    private Task<PersistenceRuntime> OpenAsync() => _fixture.OpenAsync(new SimulatedFileSystem(seed: 1));

    private async Task CommitAsync(PersistenceRuntime runtime, int commits)
    {
        for (var left = commits; left > 0; left--)
        {
            var answer = runtime.CommitAsync(
                Put(_digests.Count % 4, $"{_digests.Count}", left == 1 ? Durability.Replicated : Durability.Memory),
                Cancellation);
            _digests.Add(runtime.Status.Digest);
            await answer;
        }
    }

    private async Task<ulong> SequenceAtAsync(DateTimeOffset time)
    {
        var point = await RecoverAsync(RecoveryTarget.At(time));
        Assert.Equal(_digests[(int)point.State.Sequence.Value], point.State.Digest);
        return point.State.Sequence.Value;
    }

    private Task<RecoveredPoint> RecoverAsync(RecoveryTarget target) =>
        new PointInTimeRecovery(_fixture.Options, _fixture.Stores, _fixture.Stores)
            .RecoverAsync(target, Cancellation);
}
