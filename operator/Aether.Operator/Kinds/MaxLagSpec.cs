namespace Aether.Operator.Kinds;

/// <summary>How far the journal may fall behind before commits wait for it.</summary>
internal sealed class MaxLagSpec
{
    public string? Bytes { get; set; }

    public string? Time { get; set; }
}
