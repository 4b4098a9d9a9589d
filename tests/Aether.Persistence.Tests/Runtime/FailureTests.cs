using System.Text;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

public sealed class FailureTests : IAsyncDisposable
{
    private const int WriteCall = 1;
    private const int SyncCall = 2;

    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(WriteCall, "write")]
    [InlineData(SyncCall, "sync")]
    public async Task A_failed_write_or_sync_is_final(int call, string operation)
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await runtime.CommitAsync(Put(1, "kept"), Cancellation);
        await _fixture.WhenReplicatedAsync(1);
        _volume.Plan(call - 1, Fault.Error);

        var refused = await AssertUnavailableAsync(runtime, Put(1, "lost"));
        var failure = await Assert.ThrowsAsync<WalFailedException>(() => runtime.Completion);
        await AssertUnavailableAsync(runtime, Put(2, "late"));

        Assert.Equal(operation, failure.Operation);
        Assert.Same(failure, refused.InnerException);
        Assert.Equal(RuntimePhase.Failed, runtime.Status.Phase);
        Assert.Equal("wal", Assert.Single(runtime.Status.Backends, backend => !backend.Healthy).Name);
        Assert.DoesNotContain(_fixture.Stores.Blocks, block => block.Last > new Sequence(2));
    }

    [Fact]
    [Trait("Field", "F01")]
    public async Task An_allocation_that_fails_costs_its_commit_alone_and_leaves_no_gap()
    {
        var memory = new ScarceMemory();
        _fixture.Options = _fixture.Options with { Memory = memory };
        var first = await _fixture.OpenAsync(_volume);
        await first.CommitAsync(Put(1, "kept", Durability.Replicated), Cancellation);
        memory.Plan(growth: 0, failures: 1);

        await Assert.ThrowsAsync<OverloadedException>(
            async () => await first.CommitAsync(Put(2, new string('x', 100_000)), Cancellation));
        var next = await first.CommitAsync(Put(3, "next", Durability.Fsync), Cancellation);
        await _fixture.CrashAsync(first);
        var second = await _fixture.OpenAsync(_volume);

        Assert.True(memory.Failed);
        Assert.Equal((new Sequence(2), new Sequence(2)), (next.Sequence, second.Status.Sequence));
    }

    [Fact]
    [Trait("Field", "F01")]
    public async Task Journal_gets_a_block_for_whose_copy_there_was_no_memory()
    {
        var memory = new ScarceMemory();
        _fixture.Options = _fixture.Options with { Memory = memory };
        var runtime = await _fixture.OpenAsync(_volume);
        await runtime.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation);
        memory.Plan(growth: 0, failures: 2);

        await runtime.CommitAsync(Put(1, "b", Durability.Fsync), Cancellation);
        memory.Relieve();
        var replicated = await runtime.CommitAsync(Put(1, "c", Durability.Replicated), Cancellation);

        Assert.True(memory.Failed);
        Assert.Equal(new Sequence(3), replicated.Sequence);
    }

    [Fact]
    public async Task Commit_in_the_journal_before_the_disk_is_not_acknowledged_and_is_recovered_if_the_disk_fails()
    {
        var first = await _fixture.OpenAsync(_volume);
        await first.CommitAsync(Put(1, "synced", Durability.Replicated), Cancellation);
        _volume.SyncGate.Reset();
        _volume.Plan(SyncCall - 1, Fault.Error);

        var unsynced = Task.Run(
            async () => await first.CommitAsync(Put(1, "unsynced", Durability.Replicated), Cancellation), Cancellation);
        await _fixture.WhenReplicatedAsync(2);
        var (acknowledged, replicated) = (unsynced.IsCompleted, first.Status.Replicated);
        _volume.SyncGate.Set();
        await Assert.ThrowsAsync<RuntimeUnavailableException>(() => unsynced);
        await _fixture.CrashAsync(first);
        _volume.Restart(powerLoss: true);
        var second = await _fixture.OpenAsync(_volume);

        Assert.False(acknowledged);
        Assert.Equal(new Sequence(1), replicated);
        var read = await second.GetAsync(Key(1), confirmed: true, Cancellation);
        Assert.Equal("unsynced", Encoding.UTF8.GetString(read.Value!.Value.Value.Span));
    }

    [Fact]
    public async Task Failed_drop_of_a_segment_is_final_so_that_no_gap_follows()
    {
        _fixture.Options = _fixture.Options with { MaxSnapshots = 1 };
        var failing = new FailingDrop(_volume);
        var first = await _fixture.OpenAsync(failing);
        for (var i = 0; i < 40; i++)
            await first.CommitAsync(Put(i, new string('x', 500), Durability.Replicated), Cancellation);

        var failure = await Assert.ThrowsAsync<WalFailedException>(() => first.SnapshotAsync(Cancellation));
        await Assert.ThrowsAsync<WalFailedException>(() => first.Completion);
        await _fixture.CrashAsync(first);
        var second = await _fixture.OpenAsync(_volume);

        Assert.Equal("drop", failure.Operation);
        Assert.Equal(new Sequence(40), second.Status.Sequence);
    }

    [Fact]
    public async Task World_recovers_after_its_disk_was_full()
    {
        var first = await _fixture.OpenAsync(_volume);
        await first.CommitAsync(Put(1, "kept"), Cancellation);
        await _fixture.WhenReplicatedAsync(1);
        _volume.Plan(WriteCall - 1, Fault.Error);
        await AssertUnavailableAsync(first, Put(1, "lost"));
        await _fixture.CrashAsync(first);

        var second = await _fixture.OpenAsync(_volume);

        Assert.Equal(new Sequence(1), second.Status.Sequence);
        Assert.NotEqual(0, second.Status.Recovery!.TornBytes);
    }

    [Fact]
    public async Task Failed_snapshot_on_a_full_volume_takes_no_room_from_the_log()
    {
        var disk = new SmallDisk(_volume, capacity: 1 << 20);
        var runtime = _fixture.Create(disk, snapshots: new FileSnapshotStore(disk));
        await runtime.StartAsync(Cancellation);
        for (var i = 0; i < 60; i++)
            await runtime.CommitAsync(Put(i, new string('x', 500)), Cancellation);
        await WhenAsync(() => disk.Exists("wal/next.spare"));
        disk.Capacity = disk.Used + (4 * 4096);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => runtime.SnapshotAsync(Cancellation));
        for (var i = 0; i < 12; i++)
            await runtime.CommitAsync(Put(i, new string('y', 500)), Cancellation);

        Assert.Equal(RuntimePhase.Running, runtime.Status.Phase);
    }

    [Fact]
    public async Task A_fenced_runtime_acknowledges_and_writes_nothing_more()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await runtime.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation);
        var intruder = await _fixture.TakeOverAsync();

        var waiting = runtime.CommitAsync(Put(1, "b", Durability.Replicated), Cancellation).AsTask();
        var fenced = await Assert.ThrowsAsync<FencedException>(() => runtime.Completion);
        var refused = await Assert.ThrowsAsync<RuntimeUnavailableException>(() => waiting);
        var calls = _volume.Calls;
        await AssertUnavailableAsync(runtime, Put(1, "c"));
        await runtime.DisposeAsync();

        Assert.Equal((new Epoch(1), intruder, "intruder"), (fenced.Own, fenced.Current, fenced.Holder));
        Assert.Equal(RuntimePhase.Fenced, refused.Phase);
        Assert.Single(_fixture.Stores.Blocks);
        Assert.Equal(calls, _volume.Calls);
    }

    [Fact]
    public async Task Losing_the_lease_ends_an_idle_runtime()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        await _fixture.TakeOverAsync();

        await Assert.ThrowsAsync<FencedException>(() => _fixture.PassTimeUntilAsync(runtime.Completion));

        Assert.Equal(RuntimePhase.Fenced, runtime.Status.Phase);
        await AssertUnavailableAsync(runtime, Put(1, "a"));
    }

    [Fact]
    public async Task Without_its_journal_a_world_that_continues_acknowledges_Fsync_and_lets_Replicated_wait()
    {
        var runtime = await _fixture.OpenAsync(_volume);
        _fixture.Stores.DatabaseAnswers = false;

        var replicated = runtime.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation).AsTask();
        await runtime.GetAsync(Key(1), confirmed: true, Cancellation);
        _fixture.Clock.Advance(TimeSpan.FromMinutes(5));
        await runtime.CommitAsync(Put(2, "b", Durability.Fsync), Cancellation);
        var waited = !replicated.IsCompleted;
        var recoveryPoint = runtime.Status.RecoveryPoint!;
        _fixture.Stores.DatabaseAnswers = true;
        await _fixture.PassTimeUntilAsync(replicated);

        Assert.True(waited);
        Assert.Equal(2UL, recoveryPoint.Commits);
        Assert.InRange(recoveryPoint.Age, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6));
        await _fixture.PassTimeUntilAsync(_fixture.WhenReplicatedAsync(2));
    }

    [Fact]
    public async Task Without_its_journal_a_world_that_blocks_acknowledges_nothing_once_the_lease_ran_out()
    {
        _fixture.Options = _fixture.Options with { OnJournalLoss = JournalLossPolicy.Block };
        var runtime = await _fixture.OpenAsync(_volume);
        _fixture.Stores.DatabaseAnswers = false;

        var before = await runtime.CommitAsync(Put(1, "a"), Cancellation);
        _fixture.Clock.Advance(_fixture.Options.LeaseTimeToLive);
        var batched = runtime.CommitAsync(Put(2, "b", Durability.Batched), Cancellation).AsTask();
        var synced = runtime.CommitAsync(Put(3, "c", Durability.Fsync), Cancellation).AsTask();
        await runtime.GetAsync(Key(3), confirmed: true, Cancellation);
        var awaited = runtime.WaitForAsync(new Sequence(3), Epoch.None, Durability.Fsync, Cancellation);
        var acknowledged = batched.IsCompleted || synced.IsCompleted || awaited.IsCompleted;
        _fixture.Stores.DatabaseAnswers = true;
        await _fixture.PassTimeUntilAsync(Task.WhenAll(batched, synced, awaited));

        Assert.Equal(new Sequence(1), before.Sequence);
        Assert.False(acknowledged);
    }

    [Fact]
    public async Task An_outage_of_the_store_shows_before_a_long_lease_has_run_out()
    {
        _fixture.Options = _fixture.Options with { LeaseTimeToLive = TimeSpan.FromMinutes(1) };
        var runtime = await _fixture.OpenAsync(_volume);
        _fixture.Stores.DatabaseAnswers = false;

        _fixture.Clock.Advance(TimeSpan.FromSeconds(30));
        var before = runtime.Status.JournalOutage;
        _fixture.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.Zero, before);
        Assert.InRange(runtime.Status.JournalOutage, TimeSpan.FromSeconds(35), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_stop_acknowledges_every_commit_that_the_journal_takes_before_its_end()
    {
        _fixture.Options = _fixture.Options with { AcknowledgeInline = true };
        var runtime = await _fixture.OpenAsync(_volume);
        var journal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Stores.BeforeAppend = _ => journal.Task;
        var waiting = Enumerable.Range(0, 2000).Select(_ => CommitAndSpinAsync()).ToList();

        var stopping = runtime.StopAsync(Cancellation);
        journal.SetResult();
        await stopping;
        var answers = await Task.WhenAll(waiting);

        Assert.Equal(2000, answers.Length);

        async Task<CommitResult> CommitAndSpinAsync()
        {
            var result = await runtime.CommitAsync(
                Put(1, "a", Durability.Replicated), pipelined: true, Cancellation);
            Thread.SpinWait(2000);
            return result;
        }
    }

    [Fact]
    public async Task A_start_waits_for_the_lease_of_another()
    {
        await _fixture.TakeOverAsync();
        var runtime = _fixture.Create(_volume);

        var start = runtime.StartAsync(Cancellation);
        await WhenAsync(() => runtime.Status.Phase == RuntimePhase.Waiting);
        var detail = runtime.Status.Detail;
        await _fixture.PassTimeUntilAsync(start);

        Assert.Contains("intruder", detail, StringComparison.Ordinal);
        Assert.Equal((RuntimePhase.Running, new Epoch(2)), (runtime.Status.Phase, runtime.Status.Epoch));
    }

    [Fact]
    public async Task A_start_waits_for_a_store_that_does_not_answer()
    {
        _fixture.Stores.DatabaseAnswers = false;
        var runtime = _fixture.Create(_volume);

        var start = runtime.StartAsync(Cancellation);
        await WhenAsync(() => runtime.Status.Phase == RuntimePhase.Waiting);
        _fixture.Stores.DatabaseAnswers = true;
        await _fixture.PassTimeUntilAsync(start);

        Assert.Equal(RuntimePhase.Running, runtime.Status.Phase);
    }

    private static Task<RuntimeUnavailableException> AssertUnavailableAsync(
        PersistenceRuntime runtime, Commit commit) =>
        Assert.ThrowsAsync<RuntimeUnavailableException>(() => runtime.CommitAsync(commit, Cancellation).AsTask());

    private static async Task WhenAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>A file system in which no segment can be deleted or renamed.</summary>
    private sealed class FailingDrop(IFileSystem inner) : IFileSystem
    {
        public IFile Create(string path) => inner.Create(path);

        public IFile Open(string path) => inner.Open(path);

        public bool Exists(string path) => inner.Exists(path);

        public IReadOnlyList<string> List(string folder) => inner.List(folder);

        public void CreateFolder(string folder) => inner.CreateFolder(folder);

        public void Rename(string from, string to)
        {
            Check(from);
            inner.Rename(from, to);
        }

        public void Delete(string path)
        {
            Check(path);
            inner.Delete(path);
        }

        public void SyncFolder(string folder) => inner.SyncFolder(folder);

        public IDisposable? TryLock(string path) => inner.TryLock(path);

        private static void Check(string path)
        {
            if (path.EndsWith(".wal", StringComparison.Ordinal))
                throw new IOException("No segment can be deleted.");
        }
    }
}
