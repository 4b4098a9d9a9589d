namespace Aether.EndToEnd.Tests.Monitoring;

/// <summary>A series in a query's result, with its present value.</summary>
internal sealed record Series(IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <inheritdoc />
    public override string ToString() =>
        $"{{{string.Join(", ", Labels.Select(label => $"{label.Key}={label.Value}"))}}} {Value}";
}
