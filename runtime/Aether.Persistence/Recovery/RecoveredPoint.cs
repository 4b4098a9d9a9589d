using Aether.Persistence.State;

namespace Aether.Persistence.Recovery;

/// <summary>A world as it was at a point of its past.</summary>
public sealed class RecoveredPoint
{
    internal RecoveredPoint(CapturedWorld world, Sequence snapshotSequence, IReadOnlyList<string> skippedSnapshots)
    {
        World = world;
        SnapshotSequence = snapshotSequence;
        SkippedSnapshots = skippedSnapshots;
    }

    /// <summary>The state, and the commit it is the state after.</summary>
    public StateView State => World.View;

    /// <summary>Time of that commit.</summary>
    public DateTimeOffset CommittedAt => World.CommittedAt;

    /// <summary>Sequence of the snapshot it began with, or <see cref="Sequence.None"/>.</summary>
    public Sequence SnapshotSequence { get; }

    /// <summary>Commits replayed from the journal.</summary>
    public ulong Replayed => State.Sequence.Value - SnapshotSequence.Value;

    /// <summary>Newer snapshots that could not be used: each with the reason.</summary>
    public IReadOnlyList<string> SkippedSnapshots { get; }

    /// <summary>All that a snapshot of that point holds.</summary>
    internal CapturedWorld World { get; }
}
