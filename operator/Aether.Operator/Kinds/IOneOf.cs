namespace Aether.Operator.Kinds;

/// <summary>The words a field may hold.</summary>
internal interface IOneOf
{
    /// <summary>All of them, in the order of the enum.</summary>
    IReadOnlyList<string> Words { get; }
}
