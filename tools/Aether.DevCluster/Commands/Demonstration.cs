using System.Security.Cryptography;
using Aether.DevCluster.Clusters;

namespace Aether.DevCluster.Commands;

/// <summary>
/// Demonstrates recovery: a world that restarts on its volume (Fsync) and a world that restarts on an empty one
/// (Replicated), each killed under load after at least ten thousand acknowledged trades.
/// </summary>
internal sealed class Demonstration(DevelopmentCluster cluster, Screen screen)
{
    private const int LeastTrades = 10_000;
    private const int MoreTrades = 2_000;

    private readonly Kubectl _kubectl = new(cluster, screen);

    /// <summary>The worlds that are left running.</summary>
    public IReadOnlyList<Round> Rounds { get; private set; } = [];

    /// <summary>Runs the demonstration; returns true if no trade was lost or doubled.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var results = new List<RoundResult>();
        var verified = true;
        foreach (var world in new[] { "economy", "exchange" })
        {
            var round = new Round(cluster, screen, _kubectl, world);
            Rounds = [.. Rounds, round];
            await round.StartAsync(cancellationToken);
            await round.TradeAsync(LeastTrades + RandomNumberGenerator.GetInt32(MoreTrades), cancellationToken);
            var result = await round.KillAndRecoverAsync(cancellationToken);
            verified &= await round.VerifyAsync(cancellationToken);
            await round.StopAsync(cancellationToken);
            results.Add(result);
        }

        await _kubectl.GetWorldsAsync(cancellationToken);
        screen.Write(Summary(results));
        return verified && results.All(result => result.Passed && result.Acknowledged >= LeastTrades);
    }

    private static string Summary(IReadOnlyList<RoundResult> results) =>
        $"acknowledged={results.Sum(result => result.Acknowledged)} "
        + $"recovered={results.Sum(result => result.Recovered)} "
        + $"lost={results.Sum(result => result.Lost)} "
        + $"doubled={results.Sum(result => result.Doubled)} "
        + $"recovery_ms={(long)results.Max(result => result.Recovery).TotalMilliseconds}";
}
