using Aether.DevCluster.Clusters;

namespace Aether.EndToEnd.Tests.Support;

/// <summary>An <see cref="OwnCluster"/> without schemas, so that every spec gets past its API server.</summary>
public sealed class SchemalessCluster() : OwnCluster(new ClusterOptions { WithoutSchemas = true });
