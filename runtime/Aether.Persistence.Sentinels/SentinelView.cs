using System.Net;

namespace Aether.Persistence.Sentinels;

/// <summary>A primary and its replicas, as seen by the sentinel that knows of the latest failover.</summary>
/// <param name="Primary">The server that takes writes.</param>
/// <param name="Epoch">Number of that failover.</param>
/// <param name="Replicas">The replicas that the sentinel reaches.</param>
/// <param name="Lost">The replicas that the sentinel does not reach.</param>
public sealed record SentinelView(
    EndPoint Primary, long Epoch, IReadOnlyList<EndPoint> Replicas, IReadOnlyList<EndPoint> Lost);
