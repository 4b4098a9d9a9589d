using Aether.Agent.Tests.Support;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Process;

/// <summary>The sample world beside an agent that is killed, and proof that its audit can fail.</summary>
public sealed class SampleWorldTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new("sample");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Program => Path.Combine(AppContext.BaseDirectory, "sample-world");

    private string LedgerFile => _folder.File("ledger");

    [Fact]
    public async Task Trades_continue_across_kills_of_the_agent_and_none_is_lost_or_doubled()
    {
        var agent = await AgentProcess.StartAsync(_folder.Path);
        try
        {
            await using var world = await LaunchAsync([], trades: 10_000);
            for (var kill = 0; kill < 3; kill++)
            {
                await LinesAsync(kill * 2000);
                await agent.KillAsync();
                await agent.DisposeAsync();
                agent = await AgentProcess.StartAsync(_folder.Path);
            }

            Assert.Equal(0, await world.Exited.WaitAsync(Patience, Cancellation));
            Assert.Equal("acknowledged=10000 recovered=10000 lost=0 doubled=0", await VerifyAsync(expected: 0));
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_killed_world_recovers_and_trades_on()
    {
        await using var agent = await AgentProcess.StartAsync(_folder.Path);
        await using (var first = await LaunchAsync([], trades: 0))
        {
            await LinesAsync(1000);
            await first.KillAsync();
        }

        await using var second = await LaunchAsync([], trades: 1000);
        var line = await second.WaitForLineAsync(
            text => text.StartsWith("recovered ", StringComparison.Ordinal), Patience, Cancellation);

        Assert.EndsWith("lost=0 doubled=0 sum=ok", line, StringComparison.Ordinal);
        Assert.Equal(0, await second.Exited.WaitAsync(Patience, Cancellation));
        await VerifyAsync(expected: 0);
    }

    [Fact]
    public async Task Audit_detects_a_lost_trade()
    {
        await using var agent = await AgentProcess.StartAsync(_folder.Path);
        await using (var world = await LaunchAsync([], trades: 100))
            Assert.Equal(0, await world.Exited.WaitAsync(Patience, Cancellation));
        await File.AppendAllTextAsync(LedgerFile, "0 1000000 999999999 1 .\n", Cancellation);

        var said = await VerifyAsync(expected: 1);

        Assert.DoesNotContain("lost=0", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_detects_a_trade_applied_differently_from_its_acknowledgement()
    {
        await using var agent = await AgentProcess.StartAsync(_folder.Path);
        await using (var world = await LaunchAsync([], trades: 100))
            Assert.Equal(0, await world.Exited.WaitAsync(Patience, Cancellation));
        var lines = await File.ReadAllLinesAsync(LedgerFile, Cancellation);
        var last = lines[^1].Split(' ');
        await File.AppendAllTextAsync(
            LedgerFile, $"{last[0]} {last[1]} 1{last[2]} {last[3]} .\n", Cancellation);

        var said = await VerifyAsync(expected: 1);

        Assert.DoesNotContain("doubled=0", said, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ProcessHost> LaunchAsync(string[] arguments, int trades) => AgentProcess.LaunchAsync(
        _folder.Path,
        [Program, .. arguments],
        new Dictionary<string, string>
        {
            ["AETHER_SOCKET"] = _folder.File("agent.sock"),
            ["SAMPLE_LEDGER"] = LedgerFile,
            ["SAMPLE_TRADES"] = $"{trades}",
        });

    private async Task<string> VerifyAsync(int expected)
    {
        await using var verify = await LaunchAsync(["verify", "--ledger", LedgerFile], trades: 0);
        var line = await verify.WaitForLineAsync(
            text => text.StartsWith("acknowledged=", StringComparison.Ordinal), Patience, Cancellation);

        Assert.Equal(expected, await verify.Exited.WaitAsync(Patience, Cancellation));
        return line;
    }

    private async Task LinesAsync(int count)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!File.Exists(LedgerFile) || (await File.ReadAllLinesAsync(LedgerFile, patience.Token)).Length <= count)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
    }
}
