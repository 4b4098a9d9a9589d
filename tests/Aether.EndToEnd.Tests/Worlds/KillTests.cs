using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.DevCluster.Commands;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers.Processes;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>
/// World, agent, operator and whole pods are killed at random moments under load; the trades must add up. The load
/// leaves room for concurrent tests; it only has to keep trades pending at any moment.
/// </summary>
public abstract class KillTests(OwnCluster own) : IClassFixture<OwnCluster>
{
    private const int Rounds = 10;
    private const string SeedVariable = "AETHER_KILL_SEED";
    private const string Pod = "trader";
    private static readonly string[] Victims = ["world", AetherNames.AgentContainer, "operator", "node"];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestCalm = TimeSpan.FromMilliseconds(700);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Ten rounds.</summary>
    /// <param name="spec">Spec of the world; its volume may be claim <c>log</c>.</param>
    private protected async Task KillAsync(string spec)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out var given)
            ? given
            : Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"{SeedVariable}={seed} repeats these kills");
        var random = new Random(seed);
        var cluster = own.Bed.Cluster;
        var world = await own.Bed.ReadyWorldAsync(spec);
        await world.Pods.ClaimAsync("log");
        var ledger = new TradeLedger(Path.Combine(cluster.Folder, $"{world.Namespace}.ledger"));
        await world.Pods.RunAsync(Trader(world, ledger));

        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(LongestCalm * random.NextDouble(), TimeProvider.System, Token);
            var before = ledger.Count();
            var victim = Victims[random.Next(Victims.Length)];
            await KillAsync(cluster, world, ledger, victim);
            await TradesAsync(
                cluster, ledger, before + 1, $"{victim} was killed in round {round} with seed {seed}");
        }

        var (exitCode, lines) = await SampleVerification.RunAsync(
            cluster, world.Pods.SocketOf(Pod), ledger.Path, Token);
        Assert.True(exitCode == 0, $"seed {seed}: {string.Join('\n', lines)}");
        Assert.Contains(lines, line => line.Contains("lost=0 doubled=0", StringComparison.Ordinal));
    }

    private static JsonObject Trader(TestWorld world, TradeLedger ledger) => world.Pods.Of(
        Pod,
        ProgramImages.SampleWorldImage,
        new JsonArray(
            new JsonObject { ["name"] = "SAMPLE_LEDGER", ["value"] = ledger.Path },
            new JsonObject { ["name"] = "SAMPLE_LANES", ["value"] = "16" },
            new JsonObject { ["name"] = "SAMPLE_PACE", ["value"] = "400" }));

    private static async Task KillAsync(
        DevelopmentCluster cluster, TestWorld world, TradeLedger ledger, string victim)
    {
        switch (victim)
        {
            case "operator":
                await cluster.Operator.KillAsync();
                await cluster.Operator.StartAsync(Token);
                await WebhookReadiness.WaitAsync(cluster.Client, Token);
                break;
            case "node":
                await cluster.Node.LosePodAsync(world.Namespace, Pod);
                await world.Pods.RemoveAsync(Pod);
                await world.Pods.RunAsync(Trader(world, ledger));
                break;
            default:
                var runs = RestartsOf(cluster, world, victim);
                cluster.Node.Send(world.Namespace, Pod, victim, UnixSignal.Kill);
                await cluster.Node.Pods.PodAsync(
                    world.Namespace, Pod,
                    pod => pod.Container(victim) is { Started: true } status && status.RestartCount > runs,
                    $"with {victim} restarted");
                break;
        }
    }

    private static int RestartsOf(DevelopmentCluster cluster, TestWorld world, string container) =>
        cluster.Node.Pods.TryGet(world.Namespace, Pod, out var pod)
            ? pod.Container(container)?.RestartCount ?? 0
            : throw new InvalidOperationException("The pod is gone.");

    private static async Task TradesAsync(DevelopmentCluster cluster, TradeLedger ledger, int least, string when)
    {
        var since = TimeProvider.System.GetTimestamp();
        using var look = new PeriodicTimer(Look, TimeProvider.System);
        while (ledger.Count() < least)
        {
            await look.WaitForNextTickAsync(Token);
            if (TimeProvider.System.GetElapsedTime(since) < Waiting.Step)
                continue;
            using var logs = new StringWriter();
            LogTails.Print(cluster, new Screen(logs, TimeProvider.System));
            throw new TimeoutException($"No trade was acknowledged for {Waiting.Step} after {when}.\n{logs}");
        }
    }
}
