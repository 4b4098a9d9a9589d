using System.Runtime.InteropServices;
using Aether.Client;
using Aether.Samples.World.Audit;
using Aether.Samples.World.Economy;
using Aether.Samples.World.Trading;

namespace Aether.Samples.World;

/// <summary>A little economy: players trade items atomically, so that a lost or doubled trade shows.</summary>
internal static class Program
{
    private const string Usage = """
        sample-world                        trade, until SIGTERM
        sample-world verify --ledger FILE   compare the world's state with what was acknowledged; 1 if they differ

        AETHER_SOCKET      the agent's socket
        SAMPLE_PLAYERS     players of a new world (1000)
        SAMPLE_LANES       trades under way at once (64)
        SAMPLE_PACE        most trades a second (0: as many as are acknowledged)
        SAMPLE_DURABILITY  Memory, Batched, Fsync or Replicated (the world's default)
        SAMPLE_TRADES      end after so many trades (0: never)
        SAMPLE_LEDGER      file, outside the pod, that notes each acknowledged trade
        """;

    private static async Task<int> Main(string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            return arguments switch
            {
                [] => await TradeAsync(WorldSettings.FromEnvironment(), stop.Token),
                ["verify", "--ledger", var file] => await VerifyAsync(file, stop.Token),
                _ => await FailAsync(Usage, exitCode: 2),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is WorldException or IOException or ArgumentException)
        {
            return await FailAsync(e.Message, exitCode: 1);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> TradeAsync(WorldSettings settings, CancellationToken stop)
    {
        await using var world = await AetherWorld.ConnectAsync(cancellationToken: stop);
        var acknowledged = settings.Ledger is null ? [] : Ledger.Read(settings.Ledger);
        var state = await EconomyState.RecoverAsync(world, stop);
        var audit = Auditor.Audit(state, acknowledged, acknowledged);
        await Console.Out.WriteLineAsync(
            $"recovered sequence={state.Sequence} lanes={state.Lanes.Count} trades={state.Trades} "
            + $"lost={audit.Lost} doubled={audit.Doubled} sum={Sum(audit)}");
        if (!audit.Passed)
            return await FailAsync("The recovered state does not match the acknowledged trades.", exitCode: 1);

        using var ledger = settings.Ledger is null ? null : Ledger.Open(settings.Ledger);
        if (state.Totals is null)
        {
            await Founding.FoundAsync(world, settings.Players, stop);
            state = await EconomyState.RecoverAsync(world, stop);
        }

        // A trade that was applied and not acknowledged before the last stop counts as acknowledged once it is
        // recovered.
        foreach (var (lane, record) in state.Lanes)
            ledger?.Add(LedgerEntry.Of(lane, record));

        var trades = await new TradingFloor(world, settings, TimeProvider.System).RunAsync(state, ledger, stop);
        await Console.Out.WriteLineAsync($"stopped trades={trades}");
        return 0;
    }

    private static async Task<int> VerifyAsync(string file, CancellationToken stop)
    {
        await using var world = await AetherWorld.ConnectAsync(cancellationToken: stop);
        var acknowledged = Ledger.Read(file);
        var state = await EconomyState.RecoverAsync(world, stop);
        var audit = Auditor.Audit(state, acknowledged, Ledger.Read(file));
        await Console.Out.WriteLineAsync($"sequence={state.Sequence} lanes={state.Lanes.Count} sum={Sum(audit)}");
        await Console.Out.WriteLineAsync(
            $"acknowledged={audit.Acknowledged} recovered={audit.Recovered} lost={audit.Lost} doubled={audit.Doubled}");
        return audit.Passed ? 0 : 1;
    }

    private static string Sum(AuditReport audit) => audit.SumHolds ? "ok" : "broken";

    private static async Task<int> FailAsync(string message, int exitCode)
    {
        await Console.Error.WriteLineAsync(message);
        return exitCode;
    }
}
