using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>
/// A volume that is smaller than the maximum size of the log. The disk is simulated, so that its room can be taken and
/// given back at any moment; FullVolumeTests of the agent use a real file system.
/// </summary>
[Trait("Field", "F10")]
[Trait("Kind", "Long")]
public sealed class FullVolumeTests : IAsyncDisposable
{
    private const int SegmentBytes = 4096;
    private const string Spare = "wal/next.spare";

    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Agent_on_a_full_volume_makes_commits_wait_for_a_snapshot_and_continues()
    {
        var runtime = _fixture.Create(new SmallDisk(_volume, capacity: (9 * SegmentBytes) / 2));
        await runtime.StartAsync(Cancellation);

        var refused = await FillAsync(runtime, commits: 200);

        Assert.NotEmpty(refused);
        Assert.All(refused, refusal =>
        {
            Assert.Contains("no room for the log", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("spec.wal.maxBytes", refusal.Message, StringComparison.Ordinal);
        });
        Assert.Equal((RuntimePhase.Running, new Sequence(200)), (runtime.Status.Phase, runtime.Status.Sequence));
    }

    [Fact]
    public async Task Restart_on_a_full_volume_serves_a_world_that_is_in_the_journal()
    {
        await LeaveFullLogAsync(_fixture, _volume, commits: 40);
        var disk = Full();

        var second = await OpenAsync(_fixture, disk);
        await FillAsync(second, commits: 40);

        Assert.Equal(new Sequence(80), second.Status.Sequence);
        Assert.Equal(RuntimePhase.Running, second.Status.Phase);
    }

    [Fact]
    public async Task Restart_on_a_full_volume_ships_the_commits_that_the_journal_lacks()
    {
        var first = await _fixture.OpenAsync(_volume);
        await first.CommitAsync(Put(1, "shipped", Durability.Replicated), Cancellation);
        _fixture.Stores.DatabaseAnswers = false;
        for (var i = 0; i < 40; i++)
            await first.CommitAsync(Put(i, new string('x', 500)), Cancellation);
        var shippedBefore = _fixture.Stores.Blocks[^1].Last;
        await _fixture.CrashAsync(first);
        _fixture.Stores.DatabaseAnswers = true;

        var second = await OpenAsync(_fixture, Full());
        await _fixture.WhenReplicatedAsync(41);
        await FillAsync(second, commits: 10);

        Assert.Equal(new Sequence(1), shippedBefore);
        Assert.Equal(new Sequence(51), second.Status.Sequence);
    }

    [Fact]
    public async Task Restart_on_a_full_volume_replaces_a_log_of_which_snapshot_and_journal_hold_everything()
    {
        var first = await _fixture.OpenAsync(_volume);
        await first.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation);
        await first.SnapshotAsync(Cancellation);
        await _fixture.CrashAsync(first);

        var second = await OpenAsync(_fixture, Full());
        await second.CommitAsync(Put(2, "b"), Cancellation);

        Assert.Equal(new Sequence(2), second.Status.Sequence);
        Assert.Equal(1, _volume.Paths.Count(path => path.EndsWith(".wal", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(nameof(Fault.KillDuring))]
    [InlineData(nameof(Fault.PowerLossAfter))]
    [InlineData(nameof(Fault.TornSector))]
    public async Task Crash_at_any_call_of_a_restart_on_a_full_volume_loses_nothing_acknowledged(string name)
    {
        var fault = Enum.Parse<Fault>(name);
        for (var (call, faulted) = (0, true); faulted; call++)
        {
            await using var fixture = new RuntimeFixture();
            var machine = new SimulatedFileSystem(seed: call);
            await LeaveFullLogAsync(fixture, machine, commits: 12);
            var disk = Full(machine);
            machine.Plan(call, fault);
            var acknowledged = await RunUntilFaultAsync(fixture, disk);
            faulted = machine.Faulted;
            machine.Restart(powerLoss: fault is not Fault.KillDuring);
            fixture.Stores.ExpireLease();
            var next = await OpenAsync(fixture, Full(machine));

            Assert.InRange(next.Status.Sequence.Value, acknowledged, acknowledged + 1);
            Assert.Equal((int)next.Status.Sequence.Value, next.Capture().Scan("item", "").Count);
        }
    }

    [Fact]
    public async Task Full_volume_of_a_local_world_is_served_and_takes_commits_once_there_is_room()
    {
        await using (var first = await OpenLocalAsync(_volume))
            await FillAsync(first, commits: 20);
        _volume.Restart(powerLoss: false);
        var disk = Full();

        await using var second = await OpenLocalAsync(disk);
        var read = await second.GetAsync(Key(19), confirmed: true, Cancellation);
        var refusal = await FillUntilRefusedAsync(second);
        var whileFull = (second.Status.Phase, second.Status.Epoch);
        disk.Capacity += 16 * SegmentBytes;
        await _fixture.PassTimeUntilAsync(FillAsync(second, commits: 20));

        Assert.NotNull(read.Value);
        Assert.Contains("no room for the log", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((RuntimePhase.Running, new Epoch(2)), whileFull);
    }

    private static async Task LeaveFullLogAsync(RuntimeFixture fixture, SimulatedFileSystem volume, int commits)
    {
        var first = await fixture.OpenAsync(volume);
        for (var i = 0; i < commits; i++)
            await first.CommitAsync(Put(i, new string('x', 500), Durability.Replicated), Cancellation);
        await fixture.CrashAsync(first);
    }

    // Without a spare, like a volume of a former agent that could not create one.
    private SmallDisk Full() => Full(_volume);

    private static SmallDisk Full(SimulatedFileSystem volume)
    {
        volume.Delete(Spare);
        var disk = new SmallDisk(volume, capacity: 0);
        disk.Capacity = disk.Used;
        return disk;
    }

    private static async Task<PersistenceRuntime> OpenAsync(RuntimeFixture fixture, SmallDisk disk)
    {
        var runtime = fixture.Create(disk);
        await runtime.StartAsync(Cancellation);
        return runtime;
    }

    // Returns the last acknowledged commit.
    private static async Task<ulong> RunUntilFaultAsync(RuntimeFixture fixture, SmallDisk disk)
    {
        var acknowledged = 12UL;
        var runtime = fixture.Create(disk);
        try
        {
            await runtime.StartAsync(Cancellation);
            for (var i = 12; i < 15; i++)
                acknowledged = (await runtime.CommitAsync(Put(i, "late"), Cancellation)).Sequence.Value;
        }
        catch (Exception exception) when (
            exception is PowerLossException or WalFailedException { InnerException: PowerLossException }
                or RuntimeUnavailableException or OverloadedException)
        {
            // The planned fault.
        }

        await fixture.CrashAsync(runtime);
        return acknowledged;
    }

    private async Task<List<OverloadedException>> FillAsync(PersistenceRuntime runtime, int commits)
    {
        List<OverloadedException> refusals = [];
        for (var i = 0; i < commits;)
        {
            try
            {
                await runtime.CommitAsync(Put(i, new string('y', 500)), Cancellation);
                i++;
            }
            catch (OverloadedException refusal)
            {
                refusals.Add(refusal);
                _fixture.Clock.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }
        }

        return refusals;
    }

    private static async Task<OverloadedException> FillUntilRefusedAsync(PersistenceRuntime runtime)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                await runtime.CommitAsync(Put(i, new string('z', 500)), Cancellation);
            }
            catch (OverloadedException refusal)
            {
                return refusal;
            }
        }
    }

    private async Task<PersistenceRuntime> OpenLocalAsync(IFileSystem volume)
    {
        var runtime = new PersistenceRuntime(
            _fixture.Options,
            new PersistencePorts
            {
                Volume = volume,
                Lease = new FileLease(volume, _fixture.Clock),
                Journal = null,
                Snapshots = new FileSnapshotStore(volume),
            },
            _fixture.Clock,
            NullLoggerFactory.Instance,
            new EngineMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));
        await runtime.StartAsync(Cancellation);
        return runtime;
    }
}
