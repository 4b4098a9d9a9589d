using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>
/// Detects a nats-server that waits for the client's TLS handshake (<c>handshake_first: true</c>). Like an unreachable
/// server, it sends nothing to our clients, which wait for the server's first line.
/// </summary>
internal static class NatsHandshake
{
    // By default, nats-server waits 2 s for a handshake.
    private static readonly TimeSpan FirstLine = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Whether one of some servers starts with the TLS handshake.</summary>
    /// <param name="addresses">Hosts with their ports.</param>
    public static async Task<bool> ComesFirstAsync(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            var colon = address.LastIndexOf(':');
            var port = int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture);
            if (await ComesFirstAsync(address[..colon].Trim('[', ']'), port))
                return true;
        }

        return false;
    }

    private static async Task<bool> ComesFirstAsync(string host, int port)
    {
        var isTls = false;
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, deadline.Token);
            await Task.Delay(FirstLine, TimeProvider.System, deadline.Token);
            if (client.Available > 0)
                return false;

            await using var stream = new SslStream(client.GetStream());
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = host,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    isTls = certificate is not null;
                    return errors == SslPolicyErrors.None;
                },
            };
            await stream.AuthenticateAsClientAsync(options, deadline.Token);
            return isTls;
        }
        catch (Exception exception) when (
            exception is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // It is enough that the server presented a certificate, trusted or not.
            return isTls;
        }
    }
}
