using Aether.Persistence.Journal;
using Aether.Persistence.Snapshots;

namespace Aether.Persistence.Recovery;

/// <summary>The stores that a world is recovered from, beside its own log.</summary>
internal sealed record RecoverySources
{
    /// <summary>Whether the world has a volume.</summary>
    public required bool HasVolume { get; init; }

    /// <summary>Null: the world has no journal.</summary>
    public required IJournal? Journal { get; init; }

    public required ISnapshotStore Snapshots { get; init; }

    /// <summary>Null: nothing but the agent's log records a tail that another writer overtook.</summary>
    public required IDivergenceLog? Divergences { get; init; }
}
