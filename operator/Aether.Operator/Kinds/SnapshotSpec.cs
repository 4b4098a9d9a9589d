using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>When snapshots are taken and where they are stored.</summary>
internal sealed class SnapshotSpec
{
    public string? Interval { get; set; }

    public int MaxRetained { get; set; } = 5;

    public string RecoveryWindow { get; set; } = "0s";

    [OneOf<SnapshotStoreKind>]
    public string? Store { get; set; }
}
