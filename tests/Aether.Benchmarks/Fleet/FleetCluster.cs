using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Benchmarks.Fleet;

/// <summary>The development cluster that a fleet runs on.</summary>
internal static class FleetCluster
{
    /// <summary>Settings of the operator are those it ships with.</summary>
    public static ClusterOptions Options(TextWriter progress) => new()
    {
        Postgres = FleetMeter.Counting(new PostgresServerOptions
        {
            Settings = new Dictionary<string, string> { ["shared_buffers"] = "128MB" },
        }),
        Operator = new OperatorOptions { DriftInterval = null },
        Progress = progress.WriteLine,
    };
}
