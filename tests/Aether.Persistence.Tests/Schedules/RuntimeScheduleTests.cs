using System.Diagnostics;
using Xunit.Sdk;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>
/// The schedules of <see cref="RuntimeLives"/>: whatever happens, acknowledged commits are recovered.
/// </summary>
[Trait("Kind", "Long")]
public sealed class RuntimeScheduleTests(ITestOutputHelper output)
{
    private const int Schedules = 3000;
    private const string Variable = "AETHER_RUNTIME_SCHEDULE";

    // A seed does not determine the order of a runtime's threads.
    private const int Replays = 100;

    // Only a schedule that hangs takes this long.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whole_runtime_loses_no_acknowledged_commit()
    {
        if (Soak.ReadNumber(Variable) is { } given)
        {
            for (var run = 0; run < Replays; run++)
                await RunAsync(given);
            return;
        }

        var (schedules, refused) = (0, 0);
        var first = Soak.FirstSeed;
        await Parallel.ForEachAsync(
            Enumerable.Range(first, int.MaxValue - first).TakeWhile(seed => KeepsRunning(seed - first)),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (seed, _) =>
            {
                Interlocked.Add(ref refused, await RunAsync(seed));
                Interlocked.Increment(ref schedules);
            });

        output.WriteLine($"{schedules} schedules of whole runtimes, {refused} refused commits, in {_elapsed.Elapsed}.");
        Assert.InRange(schedules, Schedules, int.MaxValue);
        Assert.InRange(refused, Schedules / 10, int.MaxValue);
    }

    private bool KeepsRunning(int run) => Soak.Length is { } length ? _elapsed.Elapsed < length : run < Schedules;

    private static async Task<int> RunAsync(int seed)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(Longest);
        try
        {
            var lives = new RuntimeLives(seed);
            await lives.RunAsync(stop.Token);
            return lives.Refused;
        }
        catch (Exception exception) when (!Cancellation.IsCancellationRequested)
        {
            throw new XunitException(
                $"Schedule {seed}; {Variable}={seed} dotnet run --project tests/Aether.Persistence.Tests -- "
                + "-class '*RuntimeScheduleTests'",
                exception);
        }
    }
}
