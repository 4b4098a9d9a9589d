namespace Aether.DevCluster.Clusters;

/// <summary>Options of the operator in a development cluster.</summary>
internal sealed record OperatorOptions
{
    /// <summary>
    /// Interval at which each unchanged world is reconciled; null for the operator's own default. Default: 2 s, so that
    /// drift is found soon.
    /// </summary>
    public TimeSpan? ResyncInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>More settings, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
