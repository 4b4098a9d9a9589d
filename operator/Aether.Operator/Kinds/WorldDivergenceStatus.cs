namespace Aether.Operator.Kinds;

/// <summary>The last tail of commits that was found overtaken and kept aside on its volume.</summary>
internal sealed class WorldDivergenceStatus
{
    public long Number { get; set; }

    public long FirstCommit { get; set; }

    public long LastCommit { get; set; }

    public long Epoch { get; set; }

    public string VolumeId { get; set; } = "";

    public string Folder { get; set; } = "";

    public string OvertakenBy { get; set; } = "";

    public string FoundAt { get; set; } = "";
}
