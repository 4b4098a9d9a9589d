namespace Aether.Operator.Kinds;

/// <summary>The state of the rotation of a world's credentials.</summary>
internal sealed class WorldCredentialsStatus
{
    public string? Revision { get; set; }

    public string? RotatedAt { get; set; }

    public string? RotatingSince { get; set; }

    public string? Request { get; set; }
}
