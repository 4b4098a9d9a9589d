using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

public sealed class CommitTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Commits_get_dense_sequences_in_the_order_of_their_calls()
    {
        var runtime = await _fixture.OpenAsync(_volume);

        var results = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(i => runtime.CommitAsync(Put(0, $"{i}"), Cancellation).AsTask()));
        var read = await runtime.GetAsync(Key(0), confirmed: true, Cancellation);

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (ulong)i), results.Select(result => result.Sequence.Value));
        Assert.Equal("99"u8.ToArray(), read.Value!.Value.Value.ToArray());
    }

    [Fact]
    public async Task A_commit_whose_expected_version_does_not_hold_changes_nothing()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await runtime.CommitAsync(Put(1, "a"), Cancellation);
        var before = runtime.Status;
        var commit = new Commit(
            [Mutation.Put(Key(2), new byte[1]), Mutation.Put(Key(1), new byte[1], new Sequence(7))]);

        var refusal = await Assert.ThrowsAsync<VersionMismatchException>(
            () => runtime.CommitAsync(commit, Cancellation).AsTask());

        Assert.Equal((Key(1), new Sequence(7), new Sequence(1)), (refusal.Key, refusal.Expected, refusal.Current));
        Assert.Equal((before.Sequence, before.Digest), (runtime.Status.Sequence, runtime.Status.Digest));
    }

    [Fact]
    public async Task Expecting_no_version_means_that_the_key_must_not_exist()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await runtime.CommitAsync(Put(1, "a", expected: Sequence.None), Cancellation);

        await Assert.ThrowsAsync<VersionMismatchException>(
            () => runtime.CommitAsync(Put(1, "b", expected: Sequence.None), Cancellation).AsTask());
        var result = await runtime.CommitAsync(Put(1, "b", expected: new Sequence(1)), Cancellation);

        Assert.Equal(new Sequence(2), result.Sequence);
    }

    [Fact]
    public async Task A_repeated_commit_gets_the_first_answer()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        var first = await runtime.CommitAsync(Put(1, "a", idempotencyKey: "trade-1"), Cancellation);
        await runtime.CommitAsync(Put(1, "b"), Cancellation);

        var repeat = await runtime.CommitAsync(Put(1, "a", idempotencyKey: "trade-1"), Cancellation);

        Assert.Equal(first with { Repeated = true }, repeat);
        Assert.Equal(new Sequence(2), runtime.Status.Sequence);
    }

    [Fact]
    public async Task An_idempotency_key_is_refused_for_other_content()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await runtime.CommitAsync(Put(1, "a", idempotencyKey: "trade-1"), Cancellation);

        var refusal = await Assert.ThrowsAsync<IdempotencyConflictException>(
            () => runtime.CommitAsync(Put(1, "b", idempotencyKey: "trade-1"), Cancellation).AsTask());

        Assert.Equal(new Sequence(1), refusal.First);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Idempotency_keys_outlive_a_crash(bool snapshot)
    {
        var first = await _fixture.OpenAsync(_volume);
        var original = await first.CommitAsync(Put(1, "a", idempotencyKey: "trade-1"), Cancellation);
        if (snapshot)
            await first.SnapshotAsync(Cancellation);
        await _fixture.CrashAsync(first);
        var second = await _fixture.OpenAsync(_volume);

        var repeat = await second.CommitAsync(Put(1, "a", idempotencyKey: "trade-1"), Cancellation);

        Assert.Equal(original with { Repeated = true }, repeat);
        Assert.Equal(new Epoch(1), repeat.Epoch);
    }

    [Fact]
    public async Task An_idempotency_key_is_forgotten_with_age()
    {
        _fixture.Options = _fixture.Options with { IdempotencyAge = TimeSpan.FromMinutes(1) };
        var runtime = await _fixture.OpenAsync(_volume);
        await runtime.CommitAsync(Put(1, "a", idempotencyKey: "trade-1"), Cancellation);
        _fixture.Clock.Advance(TimeSpan.FromMinutes(2));

        var again = await runtime.CommitAsync(Put(1, "a", idempotencyKey: "trade-1"), Cancellation);

        Assert.False(again.Repeated);
        Assert.Equal(new Sequence(2), again.Sequence);
    }

    [Fact]
    public async Task A_repeated_commit_is_not_answered_before_the_first_has_the_requested_durability()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        _volume.SyncGate.Reset();
        await runtime.CommitAsync(Put(1, "a", Durability.Memory, "trade-1"), Cancellation);

        var repeat = runtime.CommitAsync(Put(1, "a", Durability.Fsync, "trade-1"), Cancellation).AsTask();
        var waited = !repeat.IsCompleted && runtime.Status.Durable == Sequence.None;
        _volume.SyncGate.Set();

        Assert.True((await repeat).Repeated);
        Assert.True(waited);
    }

    [Fact]
    public async Task Commits_are_refused_while_too_much_waits_for_the_disk()
    {
        _fixture.Options = _fixture.Options with { MaxQueuedBytes = 10_000 };
        var runtime = await _fixture.OpenAsync(_volume);
        _volume.SyncGate.Reset();

        var refusal = await Assert.ThrowsAsync<OverloadedException>(async () =>
        {
            for (var i = 0; i < 1000; i++)
                await runtime.CommitAsync(Put(i, new string('x', 500), Durability.Batched), Cancellation);
        });
        var applied = runtime.Status.Sequence;
        _volume.SyncGate.Set();
        await runtime.GetAsync(Key(0), confirmed: true, Cancellation);
        var accepted = await runtime.CommitAsync(Put(0, "again"), Cancellation);

        Assert.Equal(_fixture.Options.FlushInterval, refusal.RetryAfter);
        Assert.Equal(applied.Next, accepted.Sequence);
    }

    [Fact]
    public async Task A_batched_commit_is_on_the_disk_after_the_flush_interval()
    {
        var runtime = await _fixture.OpenAsync(_volume);

        var result = await runtime.CommitAsync(Put(1, "a", Durability.Batched), Cancellation);
        _fixture.Clock.Advance(_fixture.Options.FlushInterval);
        await runtime.WatchAsync(Cancellation).FirstAsync(marks => marks.Durable == result.Sequence, Cancellation);

        Assert.Equal(Durability.Batched, result.Durability);
    }

    [Fact]
    public async Task Commits_in_the_journal_are_acknowledged_while_the_next_are_appended()
    {
        const int Many = 1000;
        var runtime = await _fixture.OpenAsync(_volume);
        var (taken, append, next) = (NewSignal(), NewSignal(), NewSignal());
        _fixture.Stores.BeforeAppend = async blocks =>
        {
            if (blocks[^1].Last == new Sequence(Many))
            {
                taken.SetResult();
                await append.Task;
            }
            else if (blocks[^1].Last > new Sequence(Many))
            {
                await next.Task;
            }
        };
        _volume.SyncGate.Reset();
        var commits = Enumerable.Range(1, Many)
            .Select(id => Put(id, "a", Durability.Replicated))
            .Select(commit => runtime.CommitAsync(commit, pipelined: true, Cancellation).AsTask())
            .ToList();
        _volume.SyncGate.Set();
        await taken.Task;
        await runtime.CommitAsync(Put(0, "b", Durability.Fsync), Cancellation);

        append.SetResult();
        try
        {
            await Task.WhenAll(commits).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        }
        finally
        {
            next.SetResult();
        }

        await _fixture.WhenReplicatedAsync(Many + 1);
    }

    [Fact]
    public async Task A_critical_kind_raises_the_durability_of_its_commits()
    {
        _fixture.Options = _fixture.Options with
        {
            DefaultDurability = Durability.Memory,
            CriticalKinds = new Dictionary<string, CriticalPriority> { ["item"] = CriticalPriority.High },
        };
        var runtime = await _fixture.OpenAsync(_volume);

        var critical = await runtime.CommitAsync(Put(1, "a", Durability.Memory), Cancellation);
        var other = await runtime.CommitAsync(
            new Commit([Mutation.Put(new StateKey("weather", "1"), default)]), Cancellation);

        Assert.Equal((Durability.Replicated, Durability.Memory), (critical.Durability, other.Durability));
        Assert.Single(_fixture.Stores.Blocks);
    }

    [Fact]
    public async Task World_without_a_log_refuses_durabilities_that_it_does_not_have()
    {
        _fixture.Options = _fixture.Options with { DefaultDurability = Durability.Memory };
        var runtime = await _fixture.OpenAsync(volume: null);

        var refusal = await Assert.ThrowsAsync<DurabilityUnavailableException>(
            () => runtime.CommitAsync(Put(1, "a", Durability.Batched), Cancellation).AsTask());
        var accepted = await runtime.CommitAsync(Put(1, "a"), Cancellation);

        Assert.Equal((Durability.Batched, Durability.Memory), (refusal.Asked, refusal.Strongest));
        Assert.Equal(new Sequence(1), accepted.Sequence);
    }

    [Theory]
    [InlineData("", "1", 0, "mutations[0].key.kind")]
    [InlineData("kind", "", 0, "mutations[0].key.id")]
    [InlineData("kind", "1", CommitLimits.MaxValueBytes + 1, "mutations[0].put")]
    public async Task A_malformed_commit_says_which_field(string kind, string id, int bytes, string field)
    {
        var runtime = await _fixture.OpenAsync(_volume);
        var commit = new Commit([Mutation.Put(new StateKey(kind, id), new byte[bytes])]);

        var refusal = await Assert.ThrowsAsync<InvalidCommitException>(
            () => runtime.CommitAsync(commit, Cancellation).AsTask());

        Assert.Equal(field, refusal.Field);
        Assert.Equal(Sequence.None, runtime.Status.Sequence);
    }

    [Fact]
    public async Task Key_that_is_not_Unicode_is_refused()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        var commit = new Commit([Mutation.Put(new StateKey("item", "lone \ud800"), default)]);

        var refusal = await Assert.ThrowsAsync<InvalidCommitException>(
            () => runtime.CommitAsync(commit, Cancellation).AsTask());

        Assert.Equal("mutations[0].key.id", refusal.Field);
    }

    [Fact]
    public async Task State_does_not_change_with_the_buffer_that_a_caller_reuses()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        var buffer = new byte[] { 1, 2, 3 };

        await runtime.CommitAsync(new Commit([Mutation.Put(Key(1), buffer)]), Cancellation);
        buffer[0] = 99;
        var read = await runtime.GetAsync(Key(1), confirmed: false, Cancellation);

        Assert.Equal([1, 2, 3], read.Value!.Value.Value.ToArray());
    }

    [Fact]
    public async Task A_capture_is_ordered_and_stays_as_it_was()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        string[] ids = ["b", "a", "\uffff", "\U0001F600", "ab"];
        foreach (var id in ids)
            await runtime.CommitAsync(new Commit([Mutation.Put(new StateKey("item", id), default)]), Cancellation);

        var view = runtime.Capture();
        await runtime.CommitAsync(new Commit([Mutation.Delete(new StateKey("item", "a"))]), Cancellation);

        Assert.Equal(["a", "ab", "b", "\uffff", "\U0001F600"], view.Entries.Select(entry => entry.Key.Id));
        Assert.Equal(["a", "ab"], view.Scan("item", "a").Select(entry => entry.Key.Id));
        Assert.Equal(new Sequence(5), view.Sequence);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
