using Aether.DevCluster.Nodes;
using Aether.TestServers;

namespace Aether.DevCluster.Clusters;

/// <summary>Options of a development cluster.</summary>
internal sealed record ClusterOptions
{
    /// <summary>Options of PostgreSQL.</summary>
    public PostgresServerOptions Postgres { get; init; } = new();

    /// <summary>Options of the operator.</summary>
    public OperatorOptions Operator { get; init; } = new();

    /// <summary>Whether to install the CRDs without their schemas, so that the API server accepts any spec.</summary>
    public bool WithoutSchemas { get; init; }

    /// <summary>More images that pods may use.</summary>
    public IReadOnlyDictionary<string, Image> Images { get; init; } = new Dictionary<string, Image>();

    /// <summary>Longest pause before the node starts a container again. Default: 5 s.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Called with each step of the start, for display.</summary>
    public Action<string> Progress { get; init; } = static _ => { };
}
