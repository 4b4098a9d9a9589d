using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Runtime;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging.Abstractions;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Recovery;

/// <summary>The first step of a recovery.</summary>
public sealed class LogJudgeTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);
    private readonly SimulatedFileSystem _otherVolume = new(seed: 2);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_volume_without_a_commit_has_an_empty_log() =>
        Assert.IsType<LogJudgement.Empty>(await JudgeAsync());

    [Fact]
    public async Task A_log_with_unshipped_commits_continues_the_journal_it_was_shipped_to()
    {
        await WriteAsync(_volume, shipped: 3, last: 5);

        Assert.IsType<LogJudgement.Continues>(await JudgeAsync());
    }

    [Fact]
    public async Task A_log_that_was_shipped_whole_is_behind_once_another_volume_has_opened_the_world()
    {
        await WriteAsync(_volume, shipped: 3, last: 3);
        await WriteAsync(_otherVolume, shipped: 6, last: 6);

        Assert.IsType<LogJudgement.Behind>(await JudgeAsync());
    }

    [Fact]
    public async Task A_log_has_diverged_with_the_tail_that_another_volume_opened_the_world_without()
    {
        await WriteAsync(_volume, shipped: 3, last: 5);
        await WriteAsync(_otherVolume, shipped: 6, last: 6);

        var diverged = Assert.IsType<LogJudgement.Diverged>(await JudgeAsync());

        Assert.Equal(
            (new Sequence(4), new Sequence(5), new Epoch(1), new Epoch(2), "diverged/1-4"),
            (diverged.Tail.First, diverged.Tail.Last, diverged.Tail.Epoch, diverged.OvertakenUnder,
                diverged.Tail.Folder));
    }

    [Fact]
    public async Task A_judgement_is_repeatable_since_it_changes_neither_volume_nor_stores()
    {
        await WriteAsync(_volume, shipped: 3, last: 5);
        await WriteAsync(_otherVolume, shipped: 6, last: 6);
        var paths = _volume.Paths;

        var first = await JudgeAsync();
        var second = await JudgeAsync();

        Assert.Equal(first, second);
        Assert.Equal(paths, _volume.Paths);
        Assert.Empty(_fixture.Stores.DivergedTails);
    }

    private async Task<LogJudgement> JudgeAsync()
    {
        using var identity = Volume.Open(_volume, _fixture.Options);
        var log = LogOpening.Open(_volume, _fixture.Options.WorldId, _fixture.Options.SegmentBytes);
        var lease = new LeaseKeeper(
            _fixture.Stores, _fixture.Options, _fixture.Clock, NullLogger<LeaseKeeper>.Instance);
        await lease.AcquireAsync(identity.Id, log.End?.Epoch ?? Epoch.None, _ => { }, Cancellation);
        var sources = new PersistencePorts
        {
            Volume = _volume,
            Lease = _fixture.Stores,
            Journal = _fixture.Stores,
            Snapshots = _fixture.Stores,
        }.RecoverySources;
        var manifests = SnapshotOrder.NewestFirst(await _fixture.Stores.ListAsync(Cancellation));
        var head = await _fixture.Stores.ReadHeadAsync(Cancellation);
        return await new LogJudge(
                sources, identity.Id, lease, new StoreRetry(_fixture.Clock, _ => { }, NullLogger.Instance))
            .JudgeAsync(log, manifests, head, Cancellation);
    }

    // One commit is one block. Unshipped commits are made while the journal does not answer.
    private async Task WriteAsync(SimulatedFileSystem volume, int shipped, int last)
    {
        var writer = await _fixture.OpenAsync(volume);
        for (var i = (int)writer.Status.Sequence.Value + 1; i <= shipped; i++)
            await writer.CommitAsync(Put(i, "x", Durability.Replicated), Cancellation);
        _fixture.Stores.DatabaseAnswers = false;
        for (var i = shipped + 1; i <= last; i++)
            await writer.CommitAsync(Put(i, "x", Durability.Fsync), Cancellation);
        await _fixture.CrashAsync(writer);
        _fixture.Stores.DatabaseAnswers = true;
    }
}
