using Aether.Persistence.Contracts;
using Aether.Persistence.Tests.Simulation;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>A watcher of the runtime is notified of rare changes, and not of commits.</summary>
public sealed class ChangeTests : IAsyncLifetime
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_start_signals_each_of_its_phases()
    {
        var runtime = _fixture.Create(_volume);
        var change = runtime.NextChange;

        await runtime.StartAsync(Cancellation);

        await change.WaitAsync(Cancellation);
        Assert.Equal(RuntimePhase.Running, runtime.Status.Phase);
    }

    [Fact]
    public async Task A_snapshot_signals_a_change_and_a_commit_does_not()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        var change = runtime.NextChange;

        await runtime.CommitAsync(RuntimeFixture.Put(1, "a", Durability.Fsync), Cancellation);
        var afterCommit = change.IsCompleted;
        await runtime.SnapshotAsync(Cancellation);

        await change.WaitAsync(Cancellation);
        Assert.False(afterCommit);
        Assert.Equal(new Sequence(1), runtime.Status.LastSnapshot?.Sequence);
    }

    [Fact]
    public async Task A_stop_signals_that_the_runtime_has_stopped()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        var seen = new List<RuntimePhase>();
        var watching = WatchAsync();

        await runtime.StopAsync(Cancellation);
        await watching;

        Assert.Equal(RuntimePhase.Stopped, seen[^1]);

        async Task WatchAsync()
        {
            do
            {
                var change = runtime.NextChange;
                seen.Add(runtime.Status.Phase);
                if (seen[^1] != RuntimePhase.Stopped)
                    await change.WaitAsync(Cancellation);
            }
            while (seen[^1] != RuntimePhase.Stopped);
        }
    }
}
