using Aether.Persistence.Snapshots;
using Aether.Persistence.Tests.Schedules;

namespace Aether.Persistence.Tests.Snapshots;

/// <summary>
/// What retention drops, over random policies and pasts: never anything in the window, whatever a clock shows; and
/// everything else, while the clocks are correct. AETHER_SEED=n starts with the seed that a failure names.
/// </summary>
[Trait("Kind", "Long")]
public sealed class RetentionPlanTests
{
    private const int Pasts = 400;
    private const int Steps = 250;

    [Fact]
    public void Window_keeps_everything_recovery_needs_even_if_one_clock_is_wrong() => ForEachSeed((random, where) =>
    {
        var past = new RetainedPast(RandomPolicy(random));
        var storeLies = random.Next(2) == 0;
        for (var step = 0; step < Steps; step++)
        {
            if (random.Next(8) == 0)
                past.Jump(storeLies, RandomJump(random));
            if (random.Next(40) == 0)
                past.Options = RandomPolicy(random) with { RecoveryWindow = past.Options.RecoveryWindow };
            Step(past, random, TimeSpan.FromMinutes(30));

            Assert.True(past.IsCovered(), $"{where}, step {step}: something of the window is gone.");
            Assert.True(past.Snapshots <= 12, $"{where}, step {step}: {past.Snapshots} snapshots are kept.");
        }
    });

    [Fact]
    public void Snapshots_and_journal_stay_within_their_bounds_while_the_clocks_are_right() =>
        ForEachSeed((random, where) =>
        {
            var past = new RetainedPast(RandomPolicy(random));
            var longest = TimeSpan.FromMinutes(random.Next(1, 60));
            for (var step = 0; step < Steps; step++)
            {
                Step(past, random, longest);
                past.Commit(1);
                past.Snapshot();

                var (window, most) = (past.Options.RecoveryWindow, past.Options.MaxSnapshots);
                var spacing = WindowThinning.SpacingOf(window, most);
                var bound = window + spacing + (past.LongestInterval * most);
                Assert.InRange(past.Snapshots, 1, most);
                Assert.True(past.IsCovered(), $"{where}, step {step}: something of the window is gone.");
                Assert.True(past.Reach <= bound, $"{where}, step {step}: {past.Reach} is kept, {bound} is enough.");
            }
        });

    [Theory]
    [InlineData(0)]
    [InlineData(24)]
    public void Retention_does_not_rely_on_a_snapshot_with_a_damaged_footer(int windowHours)
    {
        var now = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var sound = new SnapshotManifest
        {
            FormatVersion = 1,
            Sequence = new Sequence(30),
            Epoch = new Epoch(1),
            CapturedAt = now,
            Digest = default,
            Keys = 0,
        };
        var damaged = sound with
        {
            FormatVersion = 0,
            Sequence = new Sequence(20),
            CapturedAt = DateTimeOffset.UnixEpoch,
        };
        var plan = Retention.Plan(
            [sound, damaged], [], Policy(TimeSpan.FromHours(windowHours), most: 5), now);

        Assert.Equal([sound], plan.Kept);
        Assert.Empty(plan.Surplus);
        Assert.Equal(Sequence.None, plan.Floor);
    }

    [Fact]
    public void A_window_keeps_at_least_what_retention_keeps_without_one() => ForEachSeed((random, where) =>
    {
        var past = new RetainedPast(RandomPolicy(random) with { RecoveryWindow = TimeSpan.FromSeconds(1) });
        for (var taken = 1; taken <= Steps; taken++)
        {
            past.Pass(TimeSpan.FromMinutes(random.Next(1, 30)));
            past.Commit(random.Next(1, 100));
            past.Snapshot();

            var without = past.AgeOf(Math.Min(taken, past.Options.MaxSnapshots));
            Assert.True(past.Reach >= without, $"{where}, snapshot {taken}: {past.Reach} is kept, not {without}.");
        }
    });

    [Fact]
    public void Without_a_window_the_newest_stay_whatever_the_clocks_say() => ForEachSeed((random, where) =>
    {
        var most = random.Next(1, 6);
        var past = new RetainedPast(Policy(TimeSpan.Zero, most));
        for (var taken = 1; taken <= 20; taken++)
        {
            past.Pass(TimeSpan.FromMinutes(random.Next(1, 30)));
            past.Jump(random.Next(2) == 0, RandomJump(random));
            past.Commit(random.Next(1, 100));
            past.Snapshot();

            var floorIsReached = taken >= Math.Min(2, most);
            Assert.Equal(Math.Min(taken, most), past.Snapshots);
            Assert.Equal(floorIsReached ? past.AgeOf(Math.Min(taken, most)) : past.AgeOf(int.MaxValue), past.Reach);
            Assert.True(past.Snapshots > 0, where);
        }
    });

    private static void Step(RetainedPast past, Random random, TimeSpan longest)
    {
        past.Pass(longest * random.NextDouble());
        if (random.Next(3) > 0)
            past.Commit(random.Next(1, random.Next(2) == 0 ? 5 : 5000));
        if (random.Next(3) > 0)
            past.Snapshot();
        if (random.Next(20) == 0)
            past.Restart();
    }

    private static PersistenceOptions RandomPolicy(Random random) =>
        Policy(TimeSpan.FromMinutes(random.Next(1, 600)), random.Next(3, 13));

    private static PersistenceOptions Policy(TimeSpan window, int most) =>
        new() { WorldId = "w", Holder = "h", MaxSnapshots = most, RecoveryWindow = window };

    // From seconds to years, forward and back.
    private static TimeSpan RandomJump(Random random) =>
        TimeSpan.FromSeconds(Math.Pow(10, random.NextDouble() * 8) * (random.Next(2) == 0 ? 1 : -1));

    private static void ForEachSeed(Action<Random, string> run)
    {
        for (var seed = Soak.FirstSeed; seed < Soak.FirstSeed + Pasts; seed++)
            run(new Random(seed), $"seed {seed}");
    }
}
