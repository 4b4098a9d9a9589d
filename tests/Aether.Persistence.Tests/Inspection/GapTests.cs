using Aether.Persistence.Commits;
using Aether.Persistence.Inspection;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;

namespace Aether.Persistence.Tests.Inspection;

/// <summary>
/// Logs with a commit that is in no block, left by agents whose allocation failed between a commit's sequence and its
/// block (ADR 0023).
/// </summary>
[Trait("Field", "F01")]
public sealed class GapTests
{
    private readonly SimulatedFileSystem _files = new(seed: 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gap_is_named_with_the_acknowledged_commits_after_it()
    {
        WriteWithGap();

        var verdict = await new LogVerifier(_files, LogWorld.WorldId).VerifyAsync(Cancellation);
        var plan = await new LogRepair(_files, LogWorld.WorldId, TimeProvider.System).PlanAsync(null, Cancellation);

        var gap = new CommitGap(
            new CommitRange(new Sequence(4), new Sequence(4)), new CommitRange(new Sequence(5), new Sequence(6)));
        Assert.Single(verdict.Damages);
        Assert.Equal(gap, Assert.Single(verdict.Gaps));
        Assert.Equal(gap, Assert.Single(plan.Gaps));
        Assert.Equal(RepairKeep.Both, plan.Keep);
        Assert.Equal(new CommitRange(new Sequence(1), new Sequence(6)), plan.Kept);
        Assert.Empty(plan.Missing);
    }

    [Fact]
    public async Task Damage_that_hides_a_commit_is_not_a_gap()
    {
        using (var world = LogWorld.Open(_files))
        {
            for (var i = 0; i < 6; i++)
                Put(world, i);
        }

        var segment = Assert.Single(_files.Paths, path => path.EndsWith(".wal", StringComparison.Ordinal));
        _files.Damage(segment, bytes => bytes.Span[300] ^= 1);

        var verdict = await new LogVerifier(_files, LogWorld.WorldId).VerifyAsync(Cancellation);

        Assert.NotEmpty(verdict.Damages);
        Assert.Empty(verdict.Gaps);
    }

    private void WriteWithGap()
    {
        using var world = LogWorld.Open(_files);
        for (var i = 0; i < 3; i++)
            Put(world, i);
        world.State.MoveTo(world.State.Sequence.Next, world.State.CommittedAt);
        for (var i = 4; i < 6; i++)
            Put(world, i);
    }

    private static void Put(LogWorld world, int id) =>
        world.Append([[Mutation.Put(new StateKey("item", $"{id}"), new byte[100])]]);
}
