using System.Net;
using StackExchange.Redis.Configuration;

namespace Aether.Persistence.Sentinels;

/// <summary>Lets a client connect to a server only while the sentinels name it as the primary.</summary>
/// <remarks>
/// A former primary that returns accepts writes until the sentinels make it a replica, which drops those writes. A
/// client that reconnects by itself would get acknowledgements for them.
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
                SentinelFailure.Moved, $"The sentinels now name {primary} as the primary, not {endpoint}.", null);
    }
}
