using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;
using Grpc.Core;

namespace Aether.Agent.Tests.Process;

/// <summary>An agent whose heap has a hard limit, as in a container that is too small for its world.</summary>
public sealed class MemoryProcessTests : IDisposable
{
    private const int FillBytes = 60_000;
    private const int LargeBytes = 1_000_000;
    private const int MostRefusals = 40;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("memory");
    private readonly HashSet<string> _acknowledged = [];
    private int _refused;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Field", "F01")]
    public async Task Agent_with_a_full_heap_loses_nothing_acknowledged_and_leaves_no_client_waiting()
    {
        var environment = new Dictionary<string, string>
        {
            ["DOTNET_GCHeapHardLimit"] = "4000000",
            ["DOTNET_gcServer"] = "0",

            // More than exists, so that allocations really fail.
            ["AETHER_MEMORY_LIMIT_BYTES"] = "100000000000",
        };
        await using (var agent = await AgentProcess.StartAsync(
            _folder.Path, ["--local", _folder.Path], environment))
        {
            await using var client = await agent.Endpoints.ConnectAsync(RetryPolicy.None);
            for (var i = 0; _refused < MostRefusals && !agent.Process.Exited.IsCompleted; i++)
            {
                await TryCommitAsync(client, $"fill-{i}", FillBytes);
                if (_refused > 0)
                {
                    await TryCommitAsync(client, $"large-{i}", LargeBytes);
                    await TryCommitAsync(client, $"small-{i}", 10);
                }
            }

            await agent.KillAsync();
        }

        var (verified, verdict) = await RunCommandAsync("wal", "verify", _folder.Path);
        await using var next = await AgentProcess.StartAsync(_folder.Path);
        await using var world = await next.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);
        var found = await state.Entries.Select(entry => entry.Key.Id).ToHashSetAsync(cancellationToken: Cancellation);

        Assert.True(verified == 0, verdict);
        Assert.True(_acknowledged.Count > 100, $"{_acknowledged.Count} commits were acknowledged.");
        Assert.Empty(_acknowledged.Except(found));
    }

    public void Dispose() => _folder.Dispose();

    private async Task TryCommitAsync(AetherWorld client, string id, int bytes)
    {
        try
        {
            var commit = new WorldCommit { Durability = WorldDurability.Fsync };
            await client.CommitAsync(commit.Put(new("k", id), new byte[bytes]), Cancellation)
                .WaitAsync(EndTimeout, Cancellation);
            _acknowledged.Add(id);
        }
        catch (Exception exception) when (exception is RpcException or WorldException)
        {
            _refused++;
        }
    }

    private async Task<(int Code, string Output)> RunCommandAsync(params string[] arguments)
    {
        await using var process = await AgentProcess.LaunchAsync(
            _folder.Subfolder("command"), [AgentProcess.Command, .. arguments], new Dictionary<string, string>());
        var code = await process.Exited.WaitAsync(EndTimeout, Cancellation);
        await process.OutputEnded.WaitAsync(EndTimeout, Cancellation);
        return (code, await File.ReadAllTextAsync(process.OutputFile, Cancellation));
    }
}
