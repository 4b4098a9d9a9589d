using System.Text;
using Aether.Client;
using Aether.Samples.World.Audit;
using Aether.Samples.World.Economy;

namespace Aether.Samples.World.Trading;

/// <summary>Runs the lanes until cancelled, and prints the progress once a second.</summary>
internal sealed class TradingFloor(AetherWorld world, WorldSettings settings, TimeProvider clock)
{
    private const long Milestone = 1000;

    private long _started;
    private long _acknowledged;
    private ulong _sequence;

    /// <summary>
    /// Trades until cancelled or until <see cref="WorldSettings.Trades"/> trades are made; returns their number.
    /// </summary>
    public async Task<long> RunAsync(EconomyState state, Ledger? ledger, CancellationToken stop)
    {
        var market = new Market(state.Players, new Random());
        await using var commits = world.OpenCommitStream(settings.Lanes);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var lanes = Enumerable.Range(0, settings.Lanes)
            .Select(lane => new TradingLane(
                lane, state.Lanes.GetValueOrDefault(lane), market, commits, settings.Durability, ledger))
            .Select(lane => RunLaneAsync(lane, over))
            .ToList();
        var report = ReportAsync(over.Token);

        await Task.WhenAll(lanes);
        await over.CancelAsync();
        await report;
        return _acknowledged;
    }

    private async Task RunLaneAsync(TradingLane lane, CancellationTokenSource over)
    {
        try
        {
            while (!over.IsCancellationRequested
                && (settings.Trades == 0 || Interlocked.Increment(ref _started) <= settings.Trades))
            {
                _sequence = await lane.TradeAsync();
                if (Interlocked.Increment(ref _acknowledged) is var count && count % Milestone == 0)
                    await AnnounceAsync(count);
                if (settings.Pace > 0)
                    await Task.Delay(settings.Rest, clock, over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The floor closed during the lane's pause.
        }
        catch
        {
            // A lane that cannot continue ends the others, so that the world stops and recovers.
            await over.CancelAsync();
            throw;
        }
    }

    private async Task AnnounceAsync(long count)
    {
        try
        {
            await world.PublishEventAsync(
                "trade.milestone", Encoding.UTF8.GetBytes($"{{\"trades\":{count}}}"), CancellationToken.None);
        }
        catch (WorldException e)
        {
            await Console.Error.WriteLineAsync($"milestone {count} was not published: {e.Message}");
        }
    }

    private async Task ReportAsync(CancellationToken stop)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        var before = 0L;
        try
        {
            while (await second.WaitForNextTickAsync(stop))
            {
                var now = Interlocked.Read(ref _acknowledged);
                await Console.Out.WriteLineAsync($"trades={now} rate={now - before}/s sequence={_sequence}");
                before = now;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The floor has closed.
        }
    }
}
