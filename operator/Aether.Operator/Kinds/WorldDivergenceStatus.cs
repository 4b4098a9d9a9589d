namespace Aether.Operator.Kinds;

/// <summary>The last diverged tail, whose commits were kept on its volume.</summary>
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
