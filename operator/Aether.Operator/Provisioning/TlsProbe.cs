using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>
/// Asks a server that cannot be reached whether it refuses the client's certificate. With TLS 1.3 its alert follows the
/// client's part of the handshake, and is lost where the client has written more by then: the server closes without
/// having read that, which resets the connection. Here nothing more is written.
/// </summary>
/// <param name="opening">What both say before TLS begins.</param>
internal sealed class TlsProbe(Func<Stream, CancellationToken, Task> opening)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly byte[] SslRequest = [0, 0, 0, 8, 4, 210, 22, 47];

    /// <summary>Of PostgreSQL: the client asks for TLS, and the server says yes by one byte.</summary>
    public static TlsProbe Postgres { get; } = new(async (stream, cancellationToken) =>
    {
        await stream.WriteAsync(SslRequest, cancellationToken);
        await stream.ReadExactlyAsync(new byte[1], cancellationToken);
    });

    /// <summary>Of Redis: TLS begins at once.</summary>
    public static TlsProbe Redis { get; } = new((_, _) => Task.CompletedTask);

    /// <summary>Of NATS: the server begins with a line about itself.</summary>
    public static TlsProbe Nats { get; } = new(async (stream, cancellationToken) =>
    {
        var next = new byte[1];
        do
            await stream.ReadExactlyAsync(next, cancellationToken);
        while (next[0] != '\n');
    });

    /// <summary>The alert of the first of some addresses that sends one; null if none does.</summary>
    /// <param name="addresses">Hosts with their ports.</param>
    /// <param name="certificates">Whom to trust, and what to present.</param>
    public async Task<string?> FindAlertAsync(IEnumerable<string> addresses, StoreCertificates certificates)
    {
        foreach (var address in addresses)
        {
            var colon = address.LastIndexOf(':');
            var port = int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture);
            if (await FindAlertAsync(address[..colon].Trim('[', ']'), port, certificates) is { } alert)
                return alert;
        }

        return null;
    }

    private async Task<string?> FindAlertAsync(string host, int port, StoreCertificates certificates)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, deadline.Token);
            await opening(client.GetStream(), deadline.Token);
            await using var stream = new SslStream(client.GetStream());
            var options = new SslClientAuthenticationOptions { TargetHost = host };
            StoreTls.Prepare(certificates.Authorities, certificates.Operator)(options);
            await stream.AuthenticateAsClientAsync(options, deadline.Token);
            _ = await stream.ReadAsync(new byte[1], deadline.Token);
            return null;
        }
        catch (Exception exception) when (
            exception is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // Anything but an alert has been said by the failure that this is about.
            return TlsAlert.Find(exception);
        }
    }
}
