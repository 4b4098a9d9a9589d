using System.Diagnostics;
using System.Globalization;
using Aether.Persistence.Tests.Simulation;
using Xunit.Sdk;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>
/// At every growth of a buffer during the use of a world, memory may run out: for this one growth, for a few, or for
/// good. Whichever buffer it is: the commit is refused and not applied, the next commits continue without a gap, and
/// every acknowledged commit is recovered. (100,000 more cases, for the state alone: <see cref="StateGrowthTests"/>.)
/// </summary>
[Trait("Field", "F01")]
[Trait("Kind", "Long")]
public sealed class GrowthScheduleTests(ITestOutputHelper output)
{
    private const int Schedules = 2_000;
    private const int Steps = 8;
    private const int MostGrowths = 1000;
    private const string Variable = "AETHER_GROWTH_SCHEDULE";

    // How many growths fail: one alone, those that several threads request at once, or all until the process ends.
    private static readonly int[] Failures = [1, 4, int.MaxValue];

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private int _schedules;
    private int _refusals;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_commit_is_acknowledged_after_a_gap_whichever_growth_of_a_buffer_fails()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            var parts = given.Split(':').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            await RunAsync(parts[0], parts[1], parts[2]);
            return;
        }

        var first = Soak.FirstSeed;
        await Parallel.ForEachAsync(
            Enumerable.Range(first, int.MaxValue - first).TakeWhile(_ => KeepsRunning()),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (seed, _) => await RunSeedAsync(seed));

        output.WriteLine($"{_schedules} schedules, {_refusals} refused commits, in {_elapsed.Elapsed}.");
        Assert.InRange(_schedules, Soak.AtLeast(Schedules), int.MaxValue);
        Assert.InRange(_refusals, Soak.AtLeast(Schedules / 2), int.MaxValue);
    }

    private bool KeepsRunning() => Soak.Length is { } length
        ? _elapsed.Elapsed < length
        : Volatile.Read(ref _schedules) < Schedules;

    private async Task RunSeedAsync(int seed)
    {
        foreach (var failures in Failures)
        {
            for (var growth = 0; growth < MostGrowths && await TryRunAsync(seed, growth, failures); growth++)
                Interlocked.Increment(ref _schedules);
        }
    }

    private async Task<bool> TryRunAsync(int seed, int growth, int failures)
    {
        try
        {
            return await RunAsync(seed, growth, failures);
        }
        catch (Exception exception) when (!Cancellation.IsCancellationRequested)
        {
            throw new XunitException(
                $"Schedule {seed}:{growth}:{failures}; {Variable}={seed}:{growth}:{failures} dotnet run "
                + "--project tests/Aether.Persistence.Tests -- -class '*GrowthScheduleTests'",
                exception);
        }
    }

    // Returns false once the growth is beyond the end of the life.
    private async Task<bool> RunAsync(int seed, int growth, int failures)
    {
        var random = new Random(seed);
        var files = new SimulatedFileSystem(seed);
        var memory = new ScarceMemory();
        var model = new WorldModel { Keys = 40, MaxMutations = 12, LargeBytes = 12_000, MayBeRefused = true };
        var options = new PersistenceOptions
        {
            WorldId = "world-under-test",
            Holder = "test",
            SegmentBytes = 32 << 10,
            MaxIdempotencyKeys = 1000,
            AcknowledgeInline = random.Next(2) == 0,
            Memory = memory,
        };
        await using (var world = await ScheduledWorld.OpenAsync(files, options, Cancellation))
        {
            memory.Plan(growth, failures);
            for (var step = 0; step < Steps; step++)
                await model.StepAsync(world, random, Cancellation);
        }

        memory.Relieve();
        files.Restart(powerLoss: (seed + growth) % 2 == 0);
        await using var next = await ScheduledWorld.OpenAsync(files, options, Cancellation);
        await model.CheckAsync(next, Cancellation);
        Interlocked.Add(ref _refusals, model.Refused);
        return memory.Failed;
    }
}
