using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>The effective settings: the spec with the defaults of the class.</summary>
internal sealed class WorldProfileStatus
{
    public bool WalEnabled { get; set; }

    [OneOf<Durability>]
    public string DefaultDurability { get; set; } = "";

    public string SnapshotInterval { get; set; } = "";

    [OneOf<SnapshotStoreKind>]
    public string SnapshotStore { get; set; } = "";

    [OneOf<DeletionPolicy>]
    public string DeletionPolicy { get; set; } = "";

    public string Volume { get; set; } = "";
}
