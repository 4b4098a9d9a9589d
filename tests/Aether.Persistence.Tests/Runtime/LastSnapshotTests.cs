using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>
/// The stop of a world without a log, whose commits since the previous snapshot survive only in its last snapshot.
/// </summary>
public sealed class LastSnapshotTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();

    public LastSnapshotTests() =>
        _fixture.Options = _fixture.Options with { DefaultDurability = Durability.Memory };

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    [Trait("Field", "F04")]
    public async Task Stop_without_its_last_snapshot_names_the_commits_that_are_lost()
    {
        var runtime = await StartAsync();
        await runtime.SnapshotAsync(Cancellation);
        await runtime.CommitAsync(Put(3, "lost"), Cancellation);
        await runtime.CommitAsync(Put(4, "lost"), Cancellation);
        _fixture.Stores.SnapshotsAnswer = false;
        using var grace = new CancellationTokenSource(TimeSpan.FromSeconds(5), _fixture.Clock);

        var stopping = runtime.StopAsync(grace.Token);
        await _fixture.PassTimeUntilAsync(stopping);
        var lost = await stopping;

        Assert.NotNull(lost);
        Assert.Equal((new Sequence(3), new Sequence(4)), (lost.First, lost.Last));
        Assert.Contains("switched the snapshots off", lost.Reason, StringComparison.Ordinal);
        Assert.Equal((RuntimePhase.Stopped, lost.ToString()), (runtime.Status.Phase, runtime.Status.Detail));
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task Stop_tries_its_last_snapshot_again_until_the_store_is_back()
    {
        var runtime = await StartAsync();
        _fixture.Stores.SnapshotsAnswer = false;

        var stopping = runtime.StopAsync(Cancellation);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(stopping.IsCompleted);
        _fixture.Stores.SnapshotsAnswer = true;
        await _fixture.PassTimeUntilAsync(stopping);

        Assert.Null(await stopping);
        var next = await _fixture.OpenAsync(volume: null);
        Assert.Equal(new Sequence(2), next.Status.Sequence);
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task Stop_without_time_left_loses_what_no_snapshot_holds()
    {
        var runtime = await StartAsync();

        var lost = await runtime.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal((new Sequence(1), new Sequence(2)), (lost?.First, lost?.Last));
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task Stop_with_nothing_new_loses_nothing_although_the_store_does_not_answer()
    {
        var runtime = await StartAsync();
        await runtime.SnapshotAsync(Cancellation);
        _fixture.Stores.SnapshotsAnswer = false;

        Assert.Null(await runtime.StopAsync(Cancellation));
    }

    private async Task<PersistenceRuntime> StartAsync()
    {
        var runtime = await _fixture.OpenAsync(volume: null);
        await runtime.CommitAsync(Put(1, "a"), Cancellation);
        await runtime.CommitAsync(Put(2, "b"), Cancellation);
        return runtime;
    }
}
