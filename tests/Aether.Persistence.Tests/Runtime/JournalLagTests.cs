using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

public sealed class JournalLagTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);
    private readonly TaskCompletionSource _journal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(Durability.Fsync)]
    [InlineData(Durability.Batched)]
    public async Task Commits_wait_while_the_journal_is_further_behind_than_the_limit(Durability durability)
    {
        _fixture.Options = _fixture.Options with { MaxLagBytes = 1000 };
        var runtime = await OpenWithSlowJournalAsync();

        await runtime.CommitAsync(Put(1, new string('x', 100)), Cancellation);
        var beyond = runtime.CommitAsync(Put(2, new string('x', 1500)), Cancellation).AsTask();
        await runtime.GetAsync(Key(2), confirmed: true, Cancellation);
        var waiting = runtime.CommitAsync(Put(3, "x", durability), Cancellation).AsTask();
        await runtime.GetAsync(Key(3), confirmed: true, Cancellation);
        var waited = (beyond.IsCompleted, waiting.IsCompleted);
        _journal.SetResult();
        await Task.WhenAll(beyond, waiting);

        Assert.Equal((false, false), waited);
        Assert.Equal(new Sequence(3), (await waiting).Sequence);
    }

    [Fact]
    public async Task Commits_wait_while_the_oldest_one_has_been_out_of_the_journal_for_too_long()
    {
        _fixture.Options = _fixture.Options with { MaxLagTime = TimeSpan.FromSeconds(30) };
        var runtime = await OpenWithSlowJournalAsync();

        await runtime.CommitAsync(Put(1, "a"), Cancellation);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(31));
        var waiting = runtime.CommitAsync(Put(2, "b"), Cancellation).AsTask();
        await runtime.GetAsync(Key(2), confirmed: true, Cancellation);
        var waited = !waiting.IsCompleted;
        _journal.SetResult();
        await waiting;

        Assert.True(waited);
    }

    [Fact]
    public async Task Commits_are_refused_at_twice_the_limit_so_that_those_nobody_awaits_are_bounded()
    {
        _fixture.Options = _fixture.Options with { MaxLagBytes = 1000 };
        var runtime = await OpenWithSlowJournalAsync();

        var beyond = runtime.CommitAsync(Put(1, new string('x', 2500)), Cancellation).AsTask();
        await runtime.GetAsync(Key(1), confirmed: true, Cancellation);
        var refused = await Assert.ThrowsAsync<OverloadedException>(
            async () => await runtime.CommitAsync(Put(2, "x"), Cancellation));
        _journal.SetResult();
        await beyond;
        await runtime.CommitAsync(Put(2, "x"), Cancellation);

        Assert.Contains("spec.wal.maxLag.bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_for_the_journal_ends_with_the_runtime()
    {
        _fixture.Options = _fixture.Options with { MaxLagBytes = 1000 };
        var runtime = await OpenWithSlowJournalAsync();
        var waiting = runtime.CommitAsync(Put(1, new string('x', 2500)), Cancellation).AsTask();
        await runtime.GetAsync(Key(1), confirmed: true, Cancellation);

        runtime.Abort(new InvalidOperationException("A defect."));

        await Assert.ThrowsAsync<RuntimeUnavailableException>(() => waiting);
        _journal.SetResult();
    }

    private async Task<PersistenceRuntime> OpenWithSlowJournalAsync()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        _fixture.Stores.BeforeAppend = _ => _journal.Task;
        return runtime;
    }
}
