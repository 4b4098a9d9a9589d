using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>A point of a world's past: a commit, or a time.</summary>
public sealed class RecoveryTarget
{
    private RecoveryTarget(Sequence? sequence, DateTimeOffset? time) => (Sequence, Time) = (sequence, time);

    /// <summary>Everything that is in the journal.</summary>
    public static RecoveryTarget Latest { get; } = At(DateTimeOffset.MaxValue);

    /// <summary>The last commit to be part of the state; null for a time.</summary>
    public Sequence? Sequence { get; }

    /// <summary>The time as of which the state is to be; null for a commit.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary>The state after a commit, itself included; <see cref="Sequence.None"/> is the empty world.</summary>
    public static RecoveryTarget At(Sequence sequence) => new(sequence, null);

    /// <summary>
    /// The state after the last block that was written, or snapshot that was captured, at or before a time by its own
    /// timestamp. A clock that was ahead for a while has left no times between then and when time caught up: there the
    /// commit says more.
    /// </summary>
    public static RecoveryTarget At(DateTimeOffset time) => new(null, time);

    /// <inheritdoc />
    public override string ToString() => Sequence is { } sequence
        ? $"commit {sequence}"
        : Time!.Value.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Whether recovery may begin with a snapshot.</summary>
    internal bool Admits(SnapshotManifest manifest) => manifest.Sequence <= Sequence || manifest.CapturedAt <= Time;

    /// <summary>Whether nothing of a block is part of the state.</summary>
    internal bool Precedes(LogBlock block) => Sequence < block.First || Time < block.WrittenAt;

    /// <summary>Whether only the first commits of a block are part of the state.</summary>
    internal bool Parts(LogBlock block) => Sequence >= block.First && Sequence < block.Last;
}
