using System.Diagnostics;
using Aether.Persistence.Inspection;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;
using Xunit.Sdk;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>
/// At every call to the volume, while a world is opened and used, the machine may stop, the process be killed or the
/// disk fail. Whatever happens: acknowledged commits are recovered, and the recovered state is that of a complete
/// history.
/// </summary>
[Trait("Kind", "Long")]
public sealed class ScheduleTests(ITestOutputHelper output)
{
    private const int Schedules = 100_000;
    private const int LongestLife = 10_000;

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private int _schedules;
    private int _refusals;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_commit_is_lost_at_any_fault()
    {
        if (Environment.GetEnvironmentVariable(Schedule.Variable) is { } given)
        {
            await RunAsync(Schedule.Parse(given), await FirstLife.OfAsync(Schedule.Parse(given).Seed, Cancellation));
            return;
        }

        var first = Soak.FirstSeed;
        await Parallel.ForEachAsync(
            Enumerable.Range(first, int.MaxValue - first).TakeWhile(_ => KeepsRunning()),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (seed, _) => await RunSeedAsync(seed));

        output.WriteLine($"{_schedules} schedules, {_refusals} refusals of a torn sector, in {_elapsed.Elapsed}.");
        Assert.InRange(_schedules, Soak.AtLeast(Schedules), int.MaxValue);
        Assert.InRange(_refusals, 0, _schedules / 100);
    }

    private bool KeepsRunning() => Soak.Length is { } length
        ? _elapsed.Elapsed < length
        : Volatile.Read(ref _schedules) < Schedules;

    // Tests every call of the second life with every fault.
    private async Task RunSeedAsync(int seed)
    {
        var first = await FirstLife.OfAsync(seed, Cancellation);
        foreach (var fault in Enum.GetValues<Fault>())
        {
            for (long call = 0; call < LongestLife && await RunAsync(new Schedule(seed, call, fault), first); call++)
                Interlocked.Increment(ref _schedules);
        }
    }

    // Returns false once the fault is beyond the end of the life.
    private async Task<bool> RunAsync(Schedule schedule, FirstLife first)
    {
        try
        {
            return await RunAsync(schedule, first.Volume.Clone(schedule.Seed), first.Model.Clone(), first.Options);
        }
        catch (Exception exception) when (!Cancellation.IsCancellationRequested)
        {
            throw new XunitException($"Schedule {schedule}; {schedule.Replay}", exception);
        }
    }

    private async Task<bool> RunAsync(
        Schedule schedule, SimulatedFileSystem files, WorldModel model, PersistenceOptions options)
    {
        var random = schedule.ToRandom();
        files.Plan(schedule.Call, schedule.Fault);
        await LiveAsync(files, model, random, options);
        var faulted = files.Faulted;

        files.Restart(powerLoss: schedule.Fault is not (Fault.Kill or Fault.KillDuring)
            && (schedule.Fault is not (Fault.Error or Fault.Full) || random.Next(2) == 0));
        if (schedule.Fault is Fault.TornSector && files.Tore && await IsRefusedAsync(files, options))
        {
            Interlocked.Increment(ref _refusals);
            return true;
        }

        // One schedule in four has a second fault while it recovers from the first.
        if (random.Next(4) == 0)
        {
            files.Plan(random.Next(60), (Fault)random.Next((int)Fault.Full));
            await LiveAsync(files, model, random, options);
            files.Restart(powerLoss: random.Next(2) == 0);
            if (files.Tore && await IsRefusedAsync(files, options))
                return faulted;
        }

        if (schedule.Call % 8 == 0)
            await CheckVerdictAsync(files, options);
        await using var last = await ScheduledWorld.OpenAsync(files, options, Cancellation);
        await model.CheckAsync(last, Cancellation);
        await model.StepAsync(last, random, Cancellation);
        await WorldModel.CheckFallbackAsync(last, Cancellation);
        return faulted;
    }

    // aether wal verify must call every log sound on which the engine starts.
    private static async Task CheckVerdictAsync(SimulatedFileSystem files, PersistenceOptions options)
    {
        var verdict = await new LogVerifier(files, options.WorldId).VerifyAsync(Cancellation);
        Assert.Empty(verdict.Damages);
    }

    private static async Task LiveAsync(
        SimulatedFileSystem files, WorldModel model, Random random, PersistenceOptions options)
    {
        try
        {
            await using var world = await ScheduledWorld.OpenAsync(files, options, Cancellation);
            await model.CheckAsync(world, Cancellation);
            for (var steps = FirstLife.Steps; steps > 0; steps--)
                await model.StepAsync(world, random, Cancellation);
        }
        catch (Exception exception) when (files.Faulted && IsEnd(exception))
        {
            // The life ended with its fault: only its earlier acknowledgements count.
            return;
        }
    }

    private static bool IsEnd(Exception exception) => exception
        is PowerLossException or IOException or WalFailedException or RuntimeUnavailableException
        or StoreUnavailableException or OverloadedException;

    private static async Task<bool> IsRefusedAsync(SimulatedFileSystem files, PersistenceOptions options)
    {
        try
        {
            await using var world = await ScheduledWorld.OpenAsync(files, options, Cancellation);
            files.Restart(powerLoss: false);
            return false;
        }
        catch (WalCorruptException)
        {
            return true;
        }
    }
}
