using System.Globalization;
using Aether.Persistence.Commits;
using Aether.Persistence.Recovery;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Simulation;
using Xunit.Sdk;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>
/// Memory runs out at every growth of a buffer of the state and of the open block, one after the other. A commit for
/// which room was reserved is applied whatever happens afterwards; a commit for which it could not be reserved is
/// refused and changes nothing; and replaying the block leads to the same state.
/// </summary>
[Trait("Field", "F01")]
[Trait("Kind", "Long")]
public sealed class StateGrowthTests(ITestOutputHelper output)
{
    private const int Schedules = 100_000;
    private const int Commits = 12;
    private const int Keys = 40;

    private static readonly int[] Failures = [1, 3, int.MaxValue];
    private static readonly PersistenceOptions Options = new() { WorldId = "world", Holder = "holder" };
    private static readonly DateTimeOffset Time = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private int _schedules;
    private int _refusals;

    [Fact]
    public void State_and_block_stay_one_history_whichever_growth_of_a_buffer_fails()
    {
        Parallel.ForEach(
            Enumerable.Range(Soak.FirstSeed, int.MaxValue - Soak.FirstSeed)
                .TakeWhile(_ => Volatile.Read(ref _schedules) < Schedules),
            RunSeed);

        output.WriteLine($"{_schedules} schedules, {_refusals} refused commits.");
        Assert.InRange(_refusals, Schedules, int.MaxValue);
    }

    private void RunSeed(int seed)
    {
        var random = new Random(seed);
        var commits = Enumerable.Range(0, Commits).Select(_ => RandomCommit(random)).ToArray();
        foreach (var failures in Failures)
        {
            for (var growth = 0; TryRun(commits, seed, growth, failures); growth++)
                Interlocked.Increment(ref _schedules);
        }
    }

    private bool TryRun(Commit[] commits, int seed, int growth, int failures)
    {
        try
        {
            return Run(commits, growth, failures);
        }
        catch (Exception exception)
        {
            throw new XunitException($"Seed {seed}, growth {growth}, {failures} failures.", exception);
        }
    }

    // Returns false once the growth is beyond the last commit.
    private bool Run(Commit[] commits, int growth, int failures)
    {
        var memory = new ScarceMemory();
        var world = new WorldState(Options with { Memory = memory });
        var block = new PendingBlock(memory);
        block.Begin(new Sequence(1));
        memory.Plan(growth, failures);
        foreach (var commit in commits)
        {
            var draft = CommitDraft.Of(commit);
            if (!TryReserve(world, block, draft))
                continue;
            world.ApplySoon(draft.Encoded, draft.Stamp(Time), draft.Changes, new Epoch(1));
            block.Add(draft.Encoded, world.Sequence, Time);
            if (world.Sequence.Value % 7 == 0)
                _ = world.Store.Find(commit.Mutations[0].Key);
        }

        if (world.Sequence > Sequence.None)
            CheckReplay(world, block);
        return memory.Failed;
    }

    private bool TryReserve(WorldState world, PendingBlock block, CommitDraft draft)
    {
        var before = world.Sequence;
        try
        {
            world.Reserve(draft.Encoded, draft.Entry, draft.Changes);
            block.Reserve(draft.Encoded.Length);
            return true;
        }
        catch (OutOfMemoryException)
        {
            Assert.Equal((before, false), (world.Sequence, world.IsBroken));
            Interlocked.Increment(ref _refusals);
            return false;
        }
    }

    private static void CheckReplay(WorldState world, PendingBlock block)
    {
        block.Seal(world.Store.Digest);
        var replayed = new WorldState(Options);
        new Replayer(replayed).Replay(block.Close(new Epoch(1), 0).Block, "block");

        Assert.Equal(
            (replayed.Sequence, replayed.Store.Digest, replayed.Store.Count, replayed.Store.Bytes),
            (world.Sequence, world.Store.Digest, world.Store.Count, world.Store.Bytes));
    }

    private static Commit RandomCommit(Random random)
    {
        var mutations = Enumerable.Range(0, random.Next(6) == 0 ? random.Next(30) + 1 : random.Next(3) + 1);
        var key = random.Next(2) == 0 ? $"once-{random.Next()}{new string('x', random.Next(100))}" : null;
        return new Commit([.. mutations.Select(_ => RandomMutation(random))], Durability: null, key);
    }

    private static Mutation RandomMutation(Random random)
    {
        var key = new StateKey("item", random.Next(Keys).ToString(CultureInfo.InvariantCulture));
        return random.Next(12) switch
        {
            0 or 1 => Mutation.Delete(key),
            2 => Mutation.Put(key, new byte[8_000 + random.Next(1_000)]),
            _ => Mutation.Put(key, new byte[random.Next(300)]),
        };
    }
}
