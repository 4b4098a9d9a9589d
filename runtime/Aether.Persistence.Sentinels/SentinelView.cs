using System.Net;

namespace Aether.Persistence.Sentinels;

/// <summary>The servers of a primary as the sentinel sees them that knows of the latest failover.</summary>
/// <param name="Primary">The server that takes writes.</param>
/// <param name="Epoch">Number of that failover.</param>
/// <param name="Replicas">The replicas that the sentinel reaches.</param>
/// <param name="Lost">The replicas that it does not reach.</param>
public sealed record SentinelView(
    EndPoint Primary, long Epoch, IReadOnlyList<EndPoint> Replicas, IReadOnlyList<EndPoint> Lost);
