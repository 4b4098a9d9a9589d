using Aether.Persistence.Journal;
using Aether.Persistence.Snapshots;

namespace Aether.Persistence.Recovery;

/// <summary>The stores, besides its own log, from which a world is recovered.</summary>
internal sealed record RecoverySources
{
    /// <summary>Whether the world has a volume.</summary>
    public required bool HasVolume { get; init; }

    /// <summary>The journal; null if the world has none.</summary>
    public required IJournal? Journal { get; init; }

    public required ISnapshotStore Snapshots { get; init; }

    /// <summary>Records diverged tails; null: only the agent's own log shows them.</summary>
    public required IDivergenceLog? Divergences { get; init; }
}
