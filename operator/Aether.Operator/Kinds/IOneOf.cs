namespace Aether.Operator.Kinds;

/// <summary>The values that a text field may have.</summary>
internal interface IOneOf
{
    /// <summary>All values, in the order of the enum.</summary>
    IReadOnlyList<string> Words { get; }
}
