using Aether.Persistence.Contracts;
using Aether.Persistence.Recovery;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>
/// A world with a recovery window, over random policies, commits, snapshots, writers and volumes, with correct and with
/// jumping clocks: every state within the window can be recovered, and older data does not accumulate.
/// </summary>
public sealed class RecoveryWindowTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();
    private readonly List<(DateTimeOffset At, StateDigest Digest)> _past = [];
    private DateTimeOffset _lastSnapshot;
    private TimeSpan _longestInterval;

    public enum Clocks
    {
        AreRight,
        AgentsJumps,
        StoresJumps,
    }

    private DateTimeOffset Now => _fixture.Clock.GetUtcNow();

    private TimeSpan Window => _fixture.Options.RecoveryWindow;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    public static MatrixTheoryData<int, Clocks> Cases { get; } = new([1, 2, 3, 4], Enum.GetValues<Clocks>());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_state_within_the_window_can_be_recovered(int seed, Clocks clocks)
    {
        var random = new Random(seed);
        _fixture.Options = _fixture.Options with
        {
            MaxSnapshots = random.Next(3, 7),
            RecoveryWindow = TimeSpan.FromMinutes(random.Next(5, 120)),
            SnapshotInterval = TimeSpan.FromDays(40),
        };
        _past.Add((Now, StateDigest.Empty));
        _lastSnapshot = Now;
        var volume = new SimulatedFileSystem(seed);
        for (var life = 0; life < 5; life++)
        {
            var runtime = await _fixture.OpenAsync(volume);
            Assert.Equal(
                ((ulong)_past.Count - 1, _past[^1].Digest), (runtime.Status.Sequence.Value, runtime.Status.Digest));
            for (var step = 0; step < 25; step++)
            {
                Jump(random, clocks);
                await StepAsync(runtime, random);
                await CheckAsync(random, all: false, clocks);
            }

            await CheckAsync(random, all: true, clocks);
            await _fixture.CrashAsync(runtime);
            volume = random.Next(2) == 0 ? volume : new SimulatedFileSystem(seed + life);
            volume.Restart(powerLoss: true);
        }
    }

    [Fact]
    public async Task Volume_may_drop_commits_that_are_within_the_window()
    {
        _fixture.Options = _fixture.Options with { MaxSnapshots = 3, RecoveryWindow = TimeSpan.FromDays(30) };
        var volume = new SimulatedFileSystem(seed: 1);
        var runtime = await _fixture.OpenAsync(volume);

        for (var i = 0; i < 300; i++)
        {
            await runtime.CommitAsync(Put(i, new string('x', 200), Durability.Replicated), Cancellation);
            if (i % 20 == 0)
                await runtime.SnapshotAsync(Cancellation);
        }

        Assert.Equal(300, _fixture.Stores.Blocks.Count);
        Assert.Equal(3, (await _fixture.Stores.ListAsync(Cancellation)).Count);
        Assert.InRange(volume.Paths.Count(path => path.StartsWith("wal/", StringComparison.Ordinal)), 1, 4);
    }

    [Fact]
    public void A_window_without_a_journal_or_with_too_few_snapshots_is_refused()
    {
        _fixture.Options = _fixture.Options with { RecoveryWindow = TimeSpan.FromHours(1) };
        var withoutJournal = Assert.Throws<ArgumentException>(() => _fixture.Create(volume: null));
        _fixture.Options = _fixture.Options with { MaxSnapshots = 2 };
        var withTwo = Assert.Throws<ArgumentException>(() => _fixture.Create(new SimulatedFileSystem(seed: 1)));

        Assert.Contains("RecoveryWindow is '01:00:00': needs a journal", withoutJournal.Message);
        Assert.Contains("MaxSnapshots is '2': must be 3 or more", withTwo.Message);
    }

    private void Jump(Random random, Clocks clocks)
    {
        if (clocks == Clocks.AreRight || random.Next(4) > 0)
            return;
        var ahead = TimeSpan.FromMinutes(Math.Pow(10, random.NextDouble() * 6) * (random.Next(2) == 0 ? 1 : -1));
        if (clocks == Clocks.AgentsJumps)
            _fixture.AgentsClock.Ahead = ahead;
        else
            _fixture.StoresClock.Ahead = ahead;
    }

    private async Task StepAsync(PersistenceRuntime runtime, Random random)
    {
        if (random.Next(3) > 0)
        {
            _fixture.Clock.Advance(TimeSpan.FromMinutes(15 * random.NextDouble()));
            await CommitAsync(runtime, random);
            return;
        }

        await runtime.SnapshotAsync(Cancellation);
        _longestInterval = TimeSpan.FromTicks(Math.Max(_longestInterval.Ticks, (Now - _lastSnapshot).Ticks));
        _lastSnapshot = Now;
    }

    // Several commits in one or more blocks; the test waits for the last.
    private async Task CommitAsync(PersistenceRuntime runtime, Random random)
    {
        for (var more = random.Next(4); more >= 0; more--)
        {
            var durability = more == 0 ? Durability.Replicated : Durability.Memory;
            var answer = runtime.CommitAsync(
                Put(random.Next(20), new string('x', random.Next(300)), durability), Cancellation);
            _past.Add((Now, runtime.Status.Digest));
            await answer;
        }
    }

    private async Task CheckAsync(Random random, bool all, Clocks clocks)
    {
        var oldest = _past.FindLastIndex(moment => moment.At <= Now - Window) is var found and >= 0 ? found : 0;
        for (var sequence = oldest; sequence < _past.Count; sequence++)
        {
            if (all || sequence < oldest + 2 || random.Next(_past.Count) < 3)
                await CheckCommitAsync(sequence);
        }

        for (var i = 0; i < 3; i++)
            await CheckTimeAsync(Window * random.NextDouble(), clocks);
        if (clocks == Clocks.AreRight)
            await CheckBoundsAsync();
    }

    private async Task CheckCommitAsync(int sequence)
    {
        var point = await RecoverAsync(RecoveryTarget.At(new Sequence((ulong)sequence)));

        Assert.Equal(
            ((ulong)sequence, _past[sequence].Digest), (point.State.Sequence.Value, point.State.Digest));
    }

    private async Task CheckTimeAsync(TimeSpan ago, Clocks clocks)
    {
        var point = await RecoverAsync(RecoveryTarget.At(Now - ago));

        var sequence = (int)point.State.Sequence.Value;
        Assert.Equal(_past[sequence].Digest, point.State.Digest);
        if (clocks != Clocks.AgentsJumps)
            Assert.Equal(Math.Max(0, _past.FindLastIndex(moment => moment.At <= Now - ago)), sequence);
    }

    private async Task CheckBoundsAsync()
    {
        var most = _fixture.Options.MaxSnapshots;
        var spacing = WindowThinning.SpacingOf(Window, most);
        var interval = _longestInterval > Now - _lastSnapshot ? _longestInterval : Now - _lastSnapshot;
        Assert.InRange((await _fixture.Stores.ListAsync(Cancellation)).Count, 0, most);
        if (_fixture.Stores.Blocks is [var first, ..])
            Assert.InRange(Now - first.WrittenAt, TimeSpan.Zero, Window + spacing + (interval * (most + 1)));
    }

    private Task<RecoveredPoint> RecoverAsync(RecoveryTarget target) =>
        new PointInTimeRecovery(_fixture.Options, _fixture.Stores, _fixture.Stores)
            .RecoverAsync(target, Cancellation);
}
