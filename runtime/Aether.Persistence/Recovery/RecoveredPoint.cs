using Aether.Persistence.State;

namespace Aether.Persistence.Recovery;

/// <summary>The state of a world at a point in its past.</summary>
public sealed class RecoveredPoint
{
    internal RecoveredPoint(CapturedWorld world, Sequence snapshotSequence, IReadOnlyList<string> skippedSnapshots)
    {
        World = world;
        SnapshotSequence = snapshotSequence;
        SkippedSnapshots = skippedSnapshots;
    }

    /// <summary>The state; its sequence is that of its last commit.</summary>
    public StateView State => World.View;

    /// <summary>Time of the last commit.</summary>
    public DateTimeOffset CommittedAt => World.CommittedAt;

    /// <summary>Sequence of the snapshot that the recovery started with, or <see cref="Sequence.None"/>.</summary>
    public Sequence SnapshotSequence { get; }

    /// <summary>Commits replayed from the journal.</summary>
    public ulong Replayed => State.Sequence.Value - SnapshotSequence.Value;

    /// <summary>Newer snapshots that could not be used, each with the reason.</summary>
    public IReadOnlyList<string> SkippedSnapshots { get; }

    /// <summary>Everything that a snapshot of that point would hold.</summary>
    internal CapturedWorld World { get; }
}
