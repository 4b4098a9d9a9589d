namespace Aether.Operator.Kinds;

/// <summary>The newest snapshot of a world.</summary>
internal sealed class WorldSnapshotStatus
{
    public long Sequence { get; set; }

    public string Time { get; set; } = "";
}
