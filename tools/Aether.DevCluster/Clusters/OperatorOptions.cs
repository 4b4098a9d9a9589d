namespace Aether.DevCluster.Clusters;

/// <summary>How the operator of a development cluster is started.</summary>
internal sealed record OperatorOptions
{
    /// <summary>How often each world is looked at though nothing changed. Default: 2 s: drift shows soon.</summary>
    public TimeSpan ResyncInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>More settings, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
