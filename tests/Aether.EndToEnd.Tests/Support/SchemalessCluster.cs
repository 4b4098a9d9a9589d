using Aether.DevCluster.Clusters;

namespace Aether.EndToEnd.Tests.Support;

/// <summary>An <see cref="OwnCluster"/> without schemas, so that its API server accepts every spec.</summary>
public sealed class SchemalessCluster() : OwnCluster(new ClusterOptions { WithoutSchemas = true });
