using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Aether.Persistence.Contracts;

/// <summary>
/// Finds out whether TLS is the reason why a server cannot be reached. With TLS 1.3 the alert that refuses the client's
/// certificate follows the client's part of the handshake. It is lost if the client has already written more: the
/// server closes without reading that, which resets the connection. The probe writes nothing after the handshake.
/// </summary>
public sealed class TlsProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly byte[] SslRequest = [0, 0, 0, 8, 4, 210, 22, 47];

    private readonly Func<Stream, CancellationToken, Task> _opening;

    private TlsProbe(Func<Stream, CancellationToken, Task> opening) => _opening = opening;

    /// <summary>For PostgreSQL: the client asks for TLS, and the server agrees with one byte.</summary>
    public static TlsProbe Postgres { get; } = new(async (stream, cancellationToken) =>
    {
        await stream.WriteAsync(SslRequest, cancellationToken);
        await stream.ReadExactlyAsync(new byte[1], cancellationToken);
    });

    /// <summary>For Redis and its sentinels: TLS starts at once.</summary>
    public static TlsProbe Redis { get; } = new((_, _) => Task.CompletedTask);

    /// <summary>For NATS: the server first sends a line about itself.</summary>
    public static TlsProbe Nats { get; } = new(async (stream, cancellationToken) =>
    {
        var next = new byte[1];
        do
            await stream.ReadExactlyAsync(next, cancellationToken);
        while (next[0] != '\n');
    });

    /// <summary>
    /// Finds the first of several servers that refuses the client's certificate, and returns the exception in which
    /// <see cref="TlsAlert"/> finds its alert. Null if none refuses it, or none answers.
    /// </summary>
    /// <param name="addresses">Hosts with their ports.</param>
    /// <param name="optionsFor">TLS options for a host, as from <see cref="StoreTls.ForHost"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Exception?> FindRefusalAsync(
        IEnumerable<string> addresses,
        Func<string, SslClientAuthenticationOptions>? optionsFor,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        foreach (var address in addresses)
        {
            var colon = address.LastIndexOf(':');
            var host = address[..colon].Trim('[', ']');
            var port = int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture);
            var options = optionsFor?.Invoke(host) ?? new SslClientAuthenticationOptions { TargetHost = host };
            if (await FindRefusalAsync(host, port, options, cancellationToken) is { } refusal)
                return refusal;
        }

        return null;
    }

    private async Task<Exception?> FindRefusalAsync(
        string host, int port, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, either.Token);
            await _opening(client.GetStream(), either.Token);
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsClientAsync(options, either.Token);
            _ = await stream.ReadAsync(new byte[1], either.Token);
            return null;
        }
        catch (Exception exception) when (
            exception is IOException or SocketException or AuthenticationException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Any other failure was reported already, because it made the caller start this probe.
            return TlsAlert.Find(exception) is null ? null : exception;
        }
    }
}
