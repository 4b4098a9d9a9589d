namespace Aether.Operator.Provisioning;

/// <summary>One thing in a store that is not as it should be.</summary>
/// <param name="What">What, for people: <c>role "x" is missing</c>.</param>
internal record Drift(string What)
{
    /// <summary>Whether the world's use of the store calls for it. Nobody changed anything then: no report.</summary>
    public bool IsUpkeep { get; init; }
}
