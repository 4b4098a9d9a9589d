using System.Globalization;
using Aether.Agent.Tests.Support;
using Aether.TestServers;

namespace Aether.Agent.Tests.Guide;

/// <summary>The world of docs/guide.md in its three languages, beside an agent that is killed.</summary>
public sealed class GuideWorldTests : IDisposable
{
    private const int Endless = 1_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new("guide");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(GuideWorld.CSharp)]
    [InlineData(GuideWorld.TypeScript)]
    [InlineData(GuideWorld.Curl)]
    public async Task World_behaves_the_same_in_each_language_and_has_all_its_coins_after_a_kill(string language)
    {
        await using (var agent = await AgentProcess.StartAsync(_folder.Path))
        {
            Assert.Equal(
                ["founded coins=0", "earned coins=1", "earned coins=2", "confirmed coins=2 version=3"],
                await RunAsync(language, "first", coins: 2));
            await agent.KillAsync();
        }

        await using var next = await AgentProcess.StartAsync(_folder.Path);
        Assert.Equal(
            ["recovered coins=2", "earned coins=3", "confirmed coins=3 version=4"],
            await RunAsync(language, "second", coins: 1));
    }

    [Theory]
    [InlineData(GuideWorld.CSharp)]
    [InlineData(GuideWorld.TypeScript)]
    [InlineData(GuideWorld.Curl)]
    public async Task World_continues_after_a_kill_of_its_agent_and_counts_no_coin_twice(string language)
    {
        int earned;
        var agent = await AgentProcess.StartAsync(_folder.Path);
        try
        {
            await using var world = await GuideWorld.StartAsync(language, _folder, "endless", Endless);
            await world.WaitForLineAsync(line => line == "earned coins=3", Patience, Cancellation);
            await agent.KillAsync();
            await agent.DisposeAsync();
            // Lines from before the kill may still be in the pipe; the pending commit adds one more.
            agent = await AgentProcess.StartAsync(_folder.Path);
            var before = await CoinsAsync(agent);
            await world.WaitForLineAsync(line => line == $"earned coins={before + 2}", Patience, Cancellation);
            await world.KillAsync();
            await world.OutputEnded.WaitAsync(Patience, Cancellation);
            earned = (await File.ReadAllLinesAsync(world.OutputFile, Cancellation))
                .Count(line => line.StartsWith("earned ", StringComparison.Ordinal));
            await agent.KillAsync();
        }
        finally
        {
            await agent.DisposeAsync();
        }

        await using var next = await AgentProcess.StartAsync(_folder.Path);
        var said = await RunAsync(language, "after", coins: 0);

        // The world was killed too, with at most one pending commit.
        Assert.Contains(said[0], new[] { $"recovered coins={earned}", $"recovered coins={earned + 1}" });
        var coins = int.Parse(said[0].Split('=')[1], CultureInfo.InvariantCulture);
        Assert.Equal($"confirmed coins={coins} version={coins + 1}", said[1]);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<int> CoinsAsync(AgentProcess agent)
    {
        await using var client = await agent.Endpoints.ConnectAsync();
        var purse = await client.GetAsync(new("purse", "ada"), cancellationToken: Cancellation);
        return int.Parse(purse!.Value.Span, CultureInfo.InvariantCulture);
    }

    private async Task<string[]> RunAsync(string language, string run, int coins)
    {
        await using var world = await GuideWorld.StartAsync(language, _folder, run, coins);
        var exitCode = await world.Exited.WaitAsync(Patience, Cancellation);
        await world.OutputEnded.WaitAsync(Patience, Cancellation);
        Assert.True(exitCode == 0, string.Join('\n', world.NewestLines()));
        return await File.ReadAllLinesAsync(world.OutputFile, Cancellation);
    }
}
