using Aether.Persistence.Snapshots;
using Aether.Persistence.State;

namespace Aether.Persistence.Recovery;

/// <summary>The state that a recovery starts with, and its snapshot.</summary>
/// <param name="World">The state; empty without a snapshot.</param>
/// <param name="Snapshot">The newest usable snapshot; null if there is none.</param>
/// <param name="SnapshotBytes">Bytes of the snapshot; 0 if there is none.</param>
/// <param name="Skipped">Newer snapshots that could not be used, newest first.</param>
internal sealed record LoadedWorld(
    WorldState World,
    SnapshotManifest? Snapshot,
    long SnapshotBytes,
    IReadOnlyList<SkippedSnapshot> Skipped);
