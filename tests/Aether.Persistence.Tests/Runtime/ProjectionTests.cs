using Aether.Persistence.Contracts;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>The state that a journal receives before the first append.</summary>
public sealed class ProjectionTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Journal_of_a_new_world_gets_an_empty_state_to_project()
    {
        await _fixture.OpenAsync(_volume);

        var (end, state) = Assert.Single(_fixture.Stores.Projected);
        Assert.Equal(Sequence.None, end);
        Assert.Empty(state);
    }

    [Fact]
    public async Task Projected_state_is_that_of_snapshot_and_journal_without_the_commits_only_the_volume_holds()
    {
        var first = await _fixture.OpenAsync(_volume);
        await first.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation);
        await first.SnapshotAsync(Cancellation);
        await first.CommitAsync(Put(2, "b", Durability.Replicated), Cancellation);
        _fixture.Stores.DatabaseAnswers = false;
        await first.CommitAsync(Put(1, "c", Durability.Fsync), Cancellation);
        await first.CommitAsync(Put(3, "d", Durability.Fsync), Cancellation);
        await first.DisposeAsync();
        _fixture.Stores.DatabaseAnswers = true;
        _fixture.Stores.ExpireLease();

        var second = await _fixture.OpenAsync(_volume);

        var (end, state) = _fixture.Stores.Projected[^1];
        Assert.Equal(new Sequence(4), second.Status.Sequence);
        Assert.Equal(new Sequence(2), end);
        Assert.Equal(
            [(Key(1), new Sequence(1)), (Key(2), new Sequence(2))],
            state.OrderBy(entry => entry.Key.Id).Select(entry => (entry.Key, entry.Value.Version)));
    }

    [Fact]
    public async Task Journal_that_ends_before_the_snapshot_gets_no_state_to_project()
    {
        var first = await _fixture.OpenAsync(_volume);
        await first.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation);
        var (head, blocks) = (await _fixture.Stores.ReadHeadAsync(Cancellation), _fixture.Stores.Blocks);
        await first.CommitAsync(Put(2, "b", Durability.Replicated), Cancellation);
        await first.SnapshotAsync(Cancellation);
        await _fixture.CrashAsync(first);
        _fixture.Stores.RestoreJournal(head, blocks);

        await _fixture.OpenAsync(_volume);
        await _fixture.WhenReplicatedAsync(2);

        Assert.Single(_fixture.Stores.Projected);
    }
}
