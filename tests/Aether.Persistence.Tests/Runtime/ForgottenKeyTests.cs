using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>Commits that are sent again when their idempotency key may have been forgotten.</summary>
public sealed class ForgottenKeyTests : IAsyncDisposable
{
    private const int Remembered = 2;
    private const string Beyond =
        "it belongs to another world, or it was lost. Read the keys that the commit changes, and decide again";

    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ForgottenKeyTests() => _fixture.Options = _fixture.Options with { MaxIdempotencyKeys = Remembered };

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Repeated_commit_whose_key_may_be_forgotten_is_refused_and_not_applied()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await CommitAsync(runtime, "sent", "a", "b");

        var refusal = await RefusedAsync(runtime, "sent", Place(1, 0));

        Assert.Equal(("sent", new Sequence(3)), (refusal.IdempotencyKey, runtime.Status.Sequence));
        Assert.Equal(
            "Idempotency key 'sent' is not remembered, and keys up to commit 1 of epoch 1 were forgotten since the "
            + "commit was first sent, after commit 0 of epoch 1: it may have been applied then. It was not applied "
            + "now. Read the keys that it changes, and commit the missing changes under a new key.",
            refusal.Message);
    }

    [Fact]
    public async Task Repeated_commit_whose_key_cannot_be_forgotten_is_applied()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await CommitAsync(runtime, "a", "b", "c");

        var result = await runtime.CommitAsync(Again("sent", Place(1, 1)), Cancellation);

        Assert.Equal((new Sequence(4), false), (result.Sequence, result.Repeated));
    }

    [Fact]
    public async Task Repeated_commit_whose_key_is_remembered_gets_the_first_answer()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await CommitAsync(runtime, "a", "b", "sent", "c");

        var result = await runtime.CommitAsync(Again("sent", Place(1, 0)), Cancellation);

        Assert.Equal((new Sequence(3), true), (result.Sequence, result.Repeated));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Runtime_knows_after_a_crash_which_keys_may_be_forgotten(bool snapshot)
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, "sent", "a", "b");
        if (snapshot)
            await first.SnapshotAsync(Cancellation);
        await _fixture.CrashAsync(first);
        var second = await _fixture.OpenAsync(_volume);

        await RefusedAsync(second, "sent", Place(1, 0));
    }

    [Fact]
    public async Task Place_of_a_writer_with_lost_commits_is_before_the_commits_of_the_next_writer()
    {
        var first = await _fixture.OpenAsync(_volume);
        await CommitAsync(first, "a");
        _volume.SyncGate.Reset();
        for (var i = 0; i < 10; i++)
            await first.CommitAsync(Put(1, "lost", Durability.Memory), Cancellation);
        var known = new LogPlace(first.Status.Epoch, first.Status.Sequence);
        await _fixture.CrashAsync(first);
        var second = await _fixture.OpenAsync(new SimulatedFileSystem(seed: 2));
        await CommitAsync(second, "sent", "b", "c");

        Assert.True(known.Sequence > second.Status.Sequence);
        await RefusedAsync(second, "sent", known);
    }

    [Theory]
    [InlineData("sent", 1, 7, "firstSentAfter: 7 of epoch 1 is beyond the last commit, 1 of epoch 1: " + Beyond)]
    [InlineData("sent", 2, 0, "firstSentAfter: 0 of epoch 2 is beyond the last commit, 1 of epoch 1: " + Beyond)]
    [InlineData(null, 1, 0, "firstSentAfter: requires an idempotency key")]
    public async Task Impossible_first_sent_place_is_refused(string? key, ulong epoch, ulong sequence, string message)
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await CommitAsync(runtime, "a");

        var refusal = await Assert.ThrowsAsync<InvalidCommitException>(
            () => runtime.CommitAsync(Again(key, Place(epoch, sequence)), Cancellation).AsTask());

        Assert.Equal(("firstSentAfter", message), (refusal.Field, refusal.Message));
    }

    private static LogPlace Place(ulong epoch, ulong sequence) => new(new Epoch(epoch), new Sequence(sequence));

    private static Commit Again(string? key, LogPlace sentAfter) =>
        Put(1, "x", idempotencyKey: key) with { FirstSentAfter = sentAfter };

    private static async Task CommitAsync(PersistenceRuntime runtime, params string[] keys)
    {
        foreach (var key in keys)
            await runtime.CommitAsync(Put(1, "x", idempotencyKey: key), Cancellation);
    }

    private static async Task<OutcomeUnknownException> RefusedAsync(
        PersistenceRuntime runtime, string key, LogPlace sentAfter)
    {
        var before = runtime.Status.Digest;
        var refusal = await Assert.ThrowsAsync<OutcomeUnknownException>(
            () => runtime.CommitAsync(Again(key, sentAfter), Cancellation).AsTask());
        Assert.Equal(before, runtime.Status.Digest);
        return refusal;
    }
}
