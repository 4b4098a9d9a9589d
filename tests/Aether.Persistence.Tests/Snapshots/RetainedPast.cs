using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Snapshots;

/// <summary>
/// A world from retention's point of view: commits, snapshots, successive writers, and two clocks, one of which may
/// show any time. It knows the true time of everything.
/// </summary>
internal sealed class RetainedPast
{
    private readonly FakeTimeProvider _true = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly JumpingClock _own;
    private readonly JumpingClock _store;
    private readonly List<(DateTimeOffset At, ulong Sequence)> _commits;
    private readonly Dictionary<SnapshotManifest, DateTimeOffset> _stored = [];
    private readonly List<DateTimeOffset> _taken;
    private WorldClock _clock = null!;
    private Epoch _epoch;
    private Sequence _floor;

    public RetainedPast(PersistenceOptions options)
    {
        Options = options;
        _own = new JumpingClock(_true);
        _store = new JumpingClock(_true);
        _commits = [(Now, 0)];
        _taken = [Now];
        Restart();
    }

    public PersistenceOptions Options { get; set; }

    public DateTimeOffset Now => _true.GetUtcNow();

    /// <summary>Longest time between two snapshots so far.</summary>
    public TimeSpan LongestInterval { get; private set; }

    public int Snapshots => _stored.Count;

    /// <summary>Age of the oldest kept snapshot, or of the world.</summary>
    public TimeSpan Reach => Now - (_floor == Sequence.None ? _taken[0] : _stored.Values.Min());

    /// <summary>Age of the snapshot that is that many back.</summary>
    public TimeSpan AgeOf(int back) => Now - _taken[Math.Max(0, _taken.Count - back)];

    public void Pass(TimeSpan time) => _true.Advance(time);

    public void Commit(int count) => _commits.Add((Now, _commits[^1].Sequence + (ulong)count));

    public void Jump(bool store, TimeSpan ahead) => (store ? _store : _own).Ahead = ahead;

    /// <summary>The next writer opens the world.</summary>
    public void Restart()
    {
        _epoch = new Epoch(_epoch.Value + 1);
        _clock = new WorldClock(_own, _store.GetUtcNow(), _own.GetTimestamp());
    }

    /// <summary>Takes a snapshot, and drops what retention does not keep.</summary>
    public void Snapshot()
    {
        var manifest = new SnapshotManifest
        {
            Sequence = new Sequence(_commits[^1].Sequence),
            Epoch = _epoch,
            CapturedAt = _clock.Latest,
            Digest = StateDigest.Empty,
            Keys = 0,
            FormatVersion = 1,
        };
        foreach (var replaced in _stored.Keys.Where(
            former => (former.Sequence, former.Epoch) == (manifest.Sequence, manifest.Epoch)).ToList())
            _stored.Remove(replaced);
        _stored[manifest] = Now;
        LongestInterval = Now - _taken[^1] > LongestInterval ? Now - _taken[^1] : LongestInterval;
        _taken.Add(Now);

        var plan = Retention.Plan(SnapshotOrder.NewestFirst(_stored.Keys), [], Options, _clock.Earliest);
        foreach (var surplus in plan.Surplus)
            Assert.True(_stored.Remove(surplus));
        Assert.Equal(SnapshotOrder.NewestFirst(_stored.Keys), plan.Kept);
        _floor = plan.Floor > _floor ? plan.Floor : _floor;
    }

    /// <summary>Whether every state in the window can be rebuilt.</summary>
    public bool IsCovered()
    {
        var first = _commits.Last(commit => commit.At <= Now - Options.RecoveryWindow || commit.Sequence == 0).Sequence;
        return _floor == Sequence.None
            || _stored.Keys.Any(manifest => manifest.Sequence.Value <= first && manifest.Sequence >= _floor);
    }
}
