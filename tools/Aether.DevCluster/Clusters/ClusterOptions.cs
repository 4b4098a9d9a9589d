using Aether.DevCluster.Nodes;
using Aether.TestServers;

namespace Aether.DevCluster.Clusters;

/// <summary>How a development cluster is set up.</summary>
internal sealed record ClusterOptions
{
    /// <summary>How PostgreSQL is set up.</summary>
    public PostgresServerOptions Postgres { get; init; } = new();

    /// <summary>How the operator is started.</summary>
    public OperatorOptions Operator { get; init; } = new();

    /// <summary>Whether the CRDs go without their schemas, so that anything gets past the API server.</summary>
    public bool WithoutSchemas { get; init; }

    /// <summary>More images that pods may use.</summary>
    public IReadOnlyDictionary<string, Image> Images { get; init; } = new Dictionary<string, Image>();

    /// <summary>Longest pause before the node starts a container again. Default: 5 s.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Told what is being done, for whoever waits.</summary>
    public Action<string> Progress { get; init; } = static _ => { };
}
