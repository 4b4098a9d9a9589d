using Aether.Persistence.Contracts;
using Aether.Persistence.Inspection;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>A world whose data carries another identity than its present one.</summary>
[Trait("Field", "F03")]
public sealed class IdentityTests : IAsyncDisposable
{
    private const string Former = "world-under-test";
    private const string Present = "the-world-after-its-adoption";

    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_volume_with_a_former_identity_is_accepted_with_its_unshipped_commits()
    {
        await LeaveUnshippedTailAsync();
        _fixture.Options = _fixture.Options with { WorldId = Present, FormerWorldIds = ["another", Former] };

        var runtime = await _fixture.OpenAsync(_volume);
        await _fixture.WhenReplicatedAsync(3);

        Assert.Equal(3UL, runtime.Status.Sequence.Value);
        Assert.Equal(3UL, runtime.Status.Recovery!.ReplayedFromVolume);
    }

    [Fact]
    public async Task A_volume_keeps_the_identity_that_it_was_created_with()
    {
        await LeaveUnshippedTailAsync();
        _fixture.Options = _fixture.Options with { WorldId = Present, FormerWorldIds = [Former] };
        var runtime = await _fixture.OpenAsync(_volume);
        await runtime.CommitAsync(Put(4, "after the adoption", Durability.Fsync), Cancellation);
        await runtime.StopAsync(Cancellation);

        var verdict = await new LogVerifier(_volume, Former).VerifyAsync(Cancellation);

        Assert.Empty(verdict.Damages);
    }

    [Fact]
    public async Task Snapshots_with_a_former_identity_recover_a_world_whose_journal_was_truncated()
    {
        await TakeSnapshotOfTruncatedWorldAsync();
        _fixture.Options = _fixture.Options with { WorldId = Present, FormerWorldIds = [Former] };

        var runtime = await _fixture.OpenAsync(new SimulatedFileSystem(2));

        Assert.Equal(5UL, runtime.Status.Recovery!.SnapshotSequence.Value);
        Assert.Equal(5UL, runtime.Status.Sequence.Value);
    }

    [Fact]
    public async Task Snapshots_of_another_world_are_refused_whatever_identities_this_world_had()
    {
        await TakeSnapshotOfTruncatedWorldAsync();
        _fixture.Options = _fixture.Options with { WorldId = Present, FormerWorldIds = ["another"] };

        var refusal = await Assert.ThrowsAsync<RecoveryException>(
            () => _fixture.OpenAsync(new SimulatedFileSystem(2)));

        Assert.Contains("belongs to another world", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Present, refusal.Message, StringComparison.Ordinal);
    }

    private async Task LeaveUnshippedTailAsync()
    {
        var first = await _fixture.OpenAsync(_volume);
        _fixture.Stores.DatabaseAnswers = false;
        for (var i = 1; i <= 3; i++)
            await first.CommitAsync(Put(i, "not shipped", Durability.Fsync), Cancellation);
        await _fixture.CrashAsync(first);
        _fixture.Stores.DatabaseAnswers = true;
    }

    private async Task TakeSnapshotOfTruncatedWorldAsync()
    {
        _fixture.Options = _fixture.Options with { MaxSnapshots = 1 };
        var first = await _fixture.OpenAsync(_volume);
        for (var i = 1; i <= 5; i++)
            await first.CommitAsync(Put(i, "shipped", Durability.Replicated), Cancellation);
        await first.StopAsync(Cancellation);
        Assert.Empty(_fixture.Stores.Blocks);
    }
}
