namespace Aether.Agent.Json;

/// <summary>How the world was recovered.</summary>
internal sealed record JsonRecovery(
    ulong SnapshotSequence,
    IReadOnlyList<string> SkippedSnapshots,
    ulong ReplayedFromJournal,
    ulong ReplayedFromVolume,
    ulong Diverged,
    long TornBytes,
    double Seconds);
