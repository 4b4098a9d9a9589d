using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Process;

/// <summary>
/// SIGKILL of the shipped agent on the real disk, under 64 writers, at random moments, many times: with segments small
/// enough to fill up and a snapshot every second, so that it also dies while it rotates and recycles.
/// </summary>
public sealed class KillRoundTests(ITestOutputHelper output)
{
    private const int Worlds = 4;
    private const int Rounds = 50;
    private const int Writers = 64;
    private const int MostCommits = 1500;
    private const string SeedVariable = "AETHER_SEED";
    private const string MinutesVariable = "AETHER_SOAK_MINUTES";

    private static readonly Dictionary<string, string> Settings = new()
    {
        [AetherVariables.WalSegmentBytes] = $"{1 << 20}",
        [AetherVariables.SnapshotIntervalSeconds] = "1",
        [AetherVariables.SnapshotMaxRetained] = "2",
        [AetherVariables.LogLevel] = "Information",
    };

    private readonly long _started = TimeProvider.System.GetTimestamp();
    private int _rounds;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_kills_under_64_writers_lose_no_acknowledged_commit()
    {
        var seed = ReadNumber(SeedVariable) ?? Environment.TickCount;
        output.WriteLine($"{SeedVariable}={seed} repeats the moments of the kills, as far as a real disk allows.");

        var acknowledged = await Task.WhenAll(
            Enumerable.Range(0, Worlds).Select(world => Task.Run(() => RunWorldAsync(seed + world), Cancellation)));

        output.WriteLine($"{_rounds} kills, {acknowledged.Sum()} commits acknowledged, none lost.");
        Assert.InRange(_rounds, Worlds * Rounds, int.MaxValue);
        Assert.All(acknowledged, commits => Assert.InRange(commits, Rounds, long.MaxValue));
    }

    private static int? ReadNumber(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : null;

    private async Task<long> RunWorldAsync(int seed)
    {
        using var folder = new TemporaryFolder("kill");
        var random = new Random(seed);
        var counters = new Counters(Writers);
        var acknowledged = 0L;
        for (var round = 0; KeepsRunning(round); round++)
        {
            await using var agent = await AgentProcess.StartNativeAsync(folder.Path, Settings);
            await using var world = await agent.Endpoints.ConnectAsync(RetryPolicy.None);
            await counters.CheckAsync(world, $"seed {seed}, round {round}", Cancellation);
            var before = counters.Acknowledged;

            var enough = counters.WhenAcknowledgedAsync(random.Next(1, MostCommits));
            var counting = counters.CountAsync(world, Cancellation);
            await Task.WhenAny(enough, counting).WaitAsync(Cancellation);
            await agent.KillAsync();
            await counting;
            acknowledged += counters.Acknowledged - before;
            Interlocked.Increment(ref _rounds);
        }

        await using var last = await AgentProcess.StartNativeAsync(folder.Path, Settings);
        await using var survivor = await last.Endpoints.ConnectAsync();
        await counters.CheckAsync(survivor, $"seed {seed}, after the last round", Cancellation);
        return acknowledged;
    }

    private bool KeepsRunning(int round) => ReadNumber(MinutesVariable) is { } minutes
        ? TimeProvider.System.GetElapsedTime(_started) < TimeSpan.FromMinutes(minutes)
        : round < Rounds;
}
