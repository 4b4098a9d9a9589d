namespace Aether.Operator.Provisioning;

/// <summary>One difference between a store and the desired state.</summary>
/// <param name="What">A description for users: <c>role "x" is missing</c>.</param>
internal record Drift(string What)
{
    /// <summary>
    /// Whether the difference comes from the world's normal use of the store. It is repaired without a report.
    /// </summary>
    public bool IsUpkeep { get; init; }
}
