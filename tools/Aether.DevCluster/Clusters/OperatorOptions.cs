namespace Aether.DevCluster.Clusters;

/// <summary>Options of the operator in a development cluster.</summary>
internal sealed record OperatorOptions
{
    /// <summary>
    /// Interval at which the stores are surveyed for drift; null for the operator's own default. Default: 2 s, so that
    /// drift is found soon.
    /// </summary>
    public TimeSpan? DriftInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>More settings, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
