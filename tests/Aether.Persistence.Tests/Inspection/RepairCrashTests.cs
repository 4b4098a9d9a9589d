using System.Globalization;
using Aether.Persistence.Commits;
using Aether.Persistence.Inspection;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Tests.Inspection;

/// <summary>A repair that is interrupted at any call and loses everything that was not synced.</summary>
[Trait("Kind", "Long")]
public sealed class RepairCrashTests
{
    private const int Commits = 14;
    private const int Damaged = 7;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RepairKeep.Before, Fault.PowerLoss)]
    [InlineData(RepairKeep.Before, Fault.PowerLossAfter)]
    [InlineData(RepairKeep.Before, Fault.Kill)]
    [InlineData(RepairKeep.Before, Fault.Error)]
    [InlineData(RepairKeep.After, Fault.PowerLoss)]
    [InlineData(RepairKeep.After, Fault.PowerLossAfter)]
    [InlineData(RepairKeep.After, Fault.Kill)]
    [InlineData(RepairKeep.After, Fault.Error)]
    internal async Task Interrupted_repair_leaves_a_log_that_is_refused_or_repaired_and_loses_no_byte(
        RepairKeep keep, Fault fault)
    {
        for (var (call, faulted) = (1, true); faulted; call++)
        {
            var files = WriteDamaged(seed: call);
            var before = Contents(files);
            files.Plan(call, fault);

            faulted = await FailsAsync(Repair(files, keep)) || files.Faulted;
            files.Restart(powerLoss: fault is Fault.PowerLoss or Fault.PowerLossAfter);

            var expected = keep == RepairKeep.Before ? (1UL, Damaged - 1UL) : (Damaged + 1UL, (ulong)Commits);
            if (TryRead(files) is { } found)
                Assert.Equal(expected, found);
            await Repair(files, keep);
            Assert.Equal(expected, TryRead(files));
            Assert.All(before, content => Assert.Contains(content, Contents(files)));
        }
    }

    [Theory]
    [Trait("Field", "F01")]
    [InlineData(Fault.PowerLoss)]
    [InlineData(Fault.PowerLossAfter)]
    [InlineData(Fault.Kill)]
    [InlineData(Fault.Error)]
    internal async Task Interrupted_repair_that_fills_a_gap_loses_no_acknowledged_commit(Fault fault)
    {
        for (var (call, faulted) = (1, true); faulted; call++)
        {
            var files = WriteWithGap(seed: call);
            var before = Contents(files);
            files.Plan(call, fault);

            faulted = await FailsAsync(Repair(files, RepairKeep.Both)) || files.Faulted;
            files.Restart(powerLoss: fault is Fault.PowerLoss or Fault.PowerLossAfter);

            if (TryRead(files) is { } found)
                Assert.Equal((1UL, (ulong)Commits), found);
            await Repair(files, keep: null);
            Assert.Equal((1UL, (ulong)Commits), TryRead(files));
            Assert.All(before, content => Assert.Contains(content, Contents(files)));
        }
    }

    private static Task<RepairPlan> Repair(SimulatedFileSystem files, RepairKeep? keep) =>
        new LogRepair(files, LogWorld.WorldId, TimeProvider.System).RepairAsync(keep, Cancellation);

    private static async Task<bool> FailsAsync(Task repair)
    {
        try
        {
            await repair;
            return false;
        }
        catch (Exception exception) when (exception is IOException or PowerLossException or StoreUnavailableException)
        {
            return true;
        }
    }

    /// <summary>The commits that an agent would find; null if it would refuse the log.</summary>
    private static (ulong First, ulong Last)? TryRead(SimulatedFileSystem files)
    {
        try
        {
            var log = LogOpening.Open(files, LogWorld.WorldId, 4096);
            var blocks = log.ReadAfter(Sequence.None).ToList();
            return (blocks[0].First.Value, blocks[^1].Last.Value);
        }
        catch (WalCorruptException)
        {
            return null;
        }
    }

    private static SimulatedFileSystem WriteDamaged(int seed)
    {
        var files = new SimulatedFileSystem(seed);
        using (var world = LogWorld.Open(files))
            for (var i = 1; i <= Commits; i++)
                Append(world, i);
        LogOpening.Open(files, LogWorld.WorldId, 4096);
        files.Damage(Segments(files)[1], content => content.Span[1000] ^= 1);
        return files;
    }

    private static SimulatedFileSystem WriteWithGap(int seed)
    {
        var files = new SimulatedFileSystem(seed);
        using (var world = LogWorld.Open(files))
            for (var i = 1; i <= Commits; i++)
            {
                if (i == Damaged)
                    world.State.MoveTo(world.State.Sequence.Next, world.State.CommittedAt);
                else
                    Append(world, i);
            }

        // An agent that refuses the log has first written the footer of its last segment.
        Assert.Null(TryRead(files));
        return files;
    }

    private static void Append(LogWorld world, int i) => world.Append([Mutation.Put(
        new StateKey("item", i.ToString("D2", CultureInfo.InvariantCulture)), new byte[600])]);

    private static List<string> Segments(SimulatedFileSystem files) =>
        [.. files.Paths.Where(path => path.EndsWith(".wal", StringComparison.Ordinal))];

    private static List<string> Contents(SimulatedFileSystem files) =>
        [.. Segments(files).Select(path => Convert.ToHexString(files.ReadAll(path)))];
}
