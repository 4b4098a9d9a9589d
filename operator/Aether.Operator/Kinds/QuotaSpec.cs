namespace Aether.Operator.Kinds;

/// <summary>Limits on the size of a world.</summary>
internal sealed class QuotaSpec
{
    public string? StateBytes { get; set; }
}
