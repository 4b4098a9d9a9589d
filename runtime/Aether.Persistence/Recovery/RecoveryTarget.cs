using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>A point in a world's past: a commit, or a time.</summary>
public sealed class RecoveryTarget
{
    private RecoveryTarget(Sequence? sequence, DateTimeOffset? time) => (Sequence, Time) = (sequence, time);

    /// <summary>The end of the journal.</summary>
    public static RecoveryTarget Latest { get; } = At(DateTimeOffset.MaxValue);

    /// <summary>The last commit of the state; null for a time.</summary>
    public Sequence? Sequence { get; }

    /// <summary>The time of the state; null for a commit.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary>The state after a commit; <see cref="Sequence.None"/> is the empty world.</summary>
    public static RecoveryTarget At(Sequence sequence) => new(sequence, null);

    /// <summary>
    /// The state after the last block that was written, or snapshot that was captured, at or before a time, by its own
    /// timestamp. If the clock was ahead for a while, no commit has a time until real time caught up; use a commit as
    /// target there.
    /// </summary>
    public static RecoveryTarget At(DateTimeOffset time) => new(null, time);

    /// <inheritdoc />
    public override string ToString() => Sequence is { } sequence
        ? $"commit {sequence}"
        : Time!.Value.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Whether the recovery may start with this snapshot.</summary>
    internal bool Admits(SnapshotManifest manifest) => manifest.Sequence <= Sequence || manifest.CapturedAt <= Time;

    /// <summary>Whether no commit of the block is part of the state.</summary>
    internal bool Precedes(LogBlock block) => Sequence < block.First || Time < block.WrittenAt;

    /// <summary>Whether only the first commits of the block are part of the state.</summary>
    internal bool Parts(LogBlock block) => Sequence >= block.First && Sequence < block.Last;
}
