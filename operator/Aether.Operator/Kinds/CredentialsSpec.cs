namespace Aether.Operator.Kinds;

/// <summary>How often a world's own credentials are replaced.</summary>
internal sealed class CredentialsSpec
{
    /// <summary>The interval; null for on demand only.</summary>
    public string? RotateEvery { get; set; }
}
