using System.Globalization;
using Aether.Agent.Tests.Support;
using Aether.Client;

namespace Aether.Agent.Tests.Servers;

/// <summary>Four writers that commit at <c>Replicated</c> until they are stopped.</summary>
internal sealed class CommitLoad : IAsyncDisposable
{
    private const int Writers = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly AetherWorld _client;
    private readonly CancellationTokenSource _over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
    private readonly Task<int[]> _writing;

    public CommitLoad(AetherWorld client)
    {
        _client = client;
        _writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(WriteAsync));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static WorldCommit Put(string id, WorldDurability durability = WorldDurability.Replicated) =>
        new WorldCommit { Durability = durability }.Put(new("k", id), new byte[] { 1 });

    /// <summary>
    /// Stops the writers after one more acknowledged commit. No acknowledged commit is missing, and the agent still
    /// runs, with all stores healthy.
    /// </summary>
    public async Task AssertNothingLostAsync(AgentProcess agent, ServerWorld world)
    {
        await _client.CommitAsync(Put("afterwards"), Cancellation).WaitAsync(Patience, Cancellation);
        await _over.CancelAsync();
        var acknowledged = (await _writing).Sum();
        var state = await _client.RecoverAsync(Cancellation);
        var status = await _client.StatusAsync(Cancellation);

        Assert.True(agent.Process.IsRunning);
        Assert.True(state.Keys >= (ulong)acknowledged, $"{state.Keys} keys of {acknowledged} acknowledged commits");
        Assert.All(status.Backends, backend => Assert.True(backend.Healthy, backend.Message));
        Assert.Equal(state.Sequence, (await world.ReadJournalAsync())[^1].Last);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await ((Task)_writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task<int> WriteAsync(int writer)
    {
        var acknowledged = 0;
        while (!_over.IsCancellationRequested)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{writer}-{acknowledged}");
            await _client.CommitAsync(Put(id), Cancellation);
            acknowledged++;
        }

        return acknowledged;
    }
}
