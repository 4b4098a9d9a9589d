namespace Aether.Operator.Kinds;

/// <summary>How large a world may become.</summary>
internal sealed class QuotaSpec
{
    public string? StateBytes { get; set; }
}
