using Aether.Persistence.Commits;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

[Trait("Field", "F01")]
public sealed class StateLimitTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Commit_beyond_the_quota_is_refused_and_a_commit_that_shrinks_the_state_is_not()
    {
        _fixture.Options = _fixture.Options with { MaxStateBytes = 1000 };
        var runtime = await _fixture.OpenAsync(_volume);
        for (var i = 0; i < 9; i++)
            await runtime.CommitAsync(Put(i, new string('x', 100)), Cancellation);

        var refused = await Assert.ThrowsAsync<OverloadedException>(
            async () => await runtime.CommitAsync(Put(10, new string('x', 100)), Cancellation));
        var same = await runtime.CommitAsync(Put(0, new string('y', 100)), Cancellation);
        var shrunk = await runtime.CommitAsync(new Commit([Mutation.Delete(Key(1))]), Cancellation);
        var taken = await runtime.CommitAsync(Put(10, new string('x', 100)), Cancellation);

        Assert.Equal(("spec.quota.stateBytes", 1000), (refused.Field, refused.Limit));
        Assert.Contains("spec.quota.stateBytes", refused.Message, StringComparison.Ordinal);
        Assert.Equal((10UL, 11UL, 12UL), (same.Sequence.Value, shrunk.Sequence.Value, taken.Sequence.Value));
        Assert.InRange(runtime.Status.StateBytes, 900, 1000);
    }

    [Fact]
    public async Task A_commit_beyond_the_memory_of_the_state_is_refused_with_the_setting_that_helps()
    {
        _fixture.Options = _fixture.Options with { MaxStateMemoryBytes = 400_000, SegmentBytes = 1 << 20 };
        var runtime = await _fixture.OpenAsync(_volume);
        var taken = 0;

        var refused = await Assert.ThrowsAsync<OverloadedException>(async () =>
        {
            for (; taken < 100; taken++)
                await runtime.CommitAsync(Put(taken, new string('x', 10_000)), Cancellation);
        });
        await runtime.CommitAsync(new Commit([.. Enumerable.Range(0, 10).Select(i => Mutation.Delete(Key(i)))]),
            Cancellation);
        await runtime.CommitAsync(Put(0, new string('x', 10_000)), Cancellation);

        Assert.Equal("spec.agent.resources.limits.memory", refused.Field);
        Assert.InRange(taken, 30, 40);
        Assert.InRange(runtime.Status.StateMemoryBytes, 200_000, 400_000);
    }

    [Fact]
    public async Task A_state_that_is_larger_than_a_new_quota_is_served_and_can_only_shrink()
    {
        var first = await _fixture.OpenAsync(_volume);
        for (var i = 0; i < 5; i++)
            await first.CommitAsync(Put(i, new string('x', 100)), Cancellation);
        await _fixture.CrashAsync(first);
        _fixture.Options = _fixture.Options with { MaxStateBytes = 200 };

        var second = await _fixture.OpenAsync(_volume);
        await Assert.ThrowsAsync<OverloadedException>(
            async () => await second.CommitAsync(Put(0, new string('x', 101)), Cancellation));
        await second.CommitAsync(Put(0, "x"), Cancellation);

        Assert.Equal(5, second.Status.Keys);
    }
}
