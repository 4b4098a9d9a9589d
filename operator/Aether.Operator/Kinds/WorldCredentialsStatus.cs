namespace Aether.Operator.Kinds;

/// <summary>How far the replacement of a world's credentials has come.</summary>
internal sealed class WorldCredentialsStatus
{
    public string? Revision { get; set; }

    public string? RotatedAt { get; set; }

    public string? RotatingSince { get; set; }

    public string? Request { get; set; }
}
