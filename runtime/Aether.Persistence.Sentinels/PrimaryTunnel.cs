using System.Net;
using StackExchange.Redis.Configuration;

namespace Aether.Persistence.Sentinels;

/// <summary>Lets a client connect to a server only while the sentinels name it as the primary.</summary>
/// <remarks>
/// A former primary that comes back takes writes until the sentinels make it a replica, which drops them. A client that
/// reconnects by itself would be acknowledged there.
/// </remarks>
public sealed class PrimaryTunnel(SentinelSet sentinels) : Tunnel
{
    /// <inheritdoc />
    public override async ValueTask<EndPoint?> GetSocketConnectEndpointAsync(
        EndPoint endpoint, CancellationToken cancellationToken)
    {
        var primary = (await sentinels.AskAsync(cancellationToken)).Primary;
        return primary.Equals(endpoint)
            ? endpoint
            : throw new SentinelException(
                SentinelFailure.Moved, $"The sentinels name {primary} as the primary now, and not {endpoint}.", null);
    }
}
