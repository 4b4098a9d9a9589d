using System.Net.Sockets;
using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>The backends' users' connections to NATS: one per backend, shared by all reconciles.</summary>
internal sealed class NatsConnections(TimeProvider clock) : IAsyncDisposable
{
    private readonly SharedConnections<NatsConnection> _connections =
        new(connection => connection.ConnectionState == NatsConnectionState.Open, FaultOf, clock);

    /// <summary>Number of open connections.</summary>
    public int Count => _connections.Count;

    /// <summary>Uses a backend's NATS. Repeats the use if the connection was cut since its last use.</summary>
    /// <exception cref="ProvisioningException">NATS cannot be reached, or refused something.</exception>
    public async Task<T> UseAsync<T>(NatsAccess access, Func<NatsAdmin, Task<T>> use)
    {
        try
        {
            return await _connections.UseAsync(
                KeyOf(access),
                () => NatsAdmin.OpenAsync(access),
                connection => use(new NatsAdmin(connection, access)));
        }
        catch (Exception exception) when (NatsFailures.IsExpected(exception))
        {
            var failure = NatsFailures.Translate(exception, access);
            if (failure.Reason == StoreReason.Unreachable && await NatsHandshake.ComesFirstAsync(access.Hosts))
                throw NatsFailures.HandshakeFirst(access, exception);
            if (failure.Reason == StoreReason.Unreachable
                && access.SpeaksTls
                && await TlsProbe.Nats.FindRefusalAsync(
                    access.Hosts, access.Certificates.ForHost(), CancellationToken.None) is { } refusal)
                throw NatsFailures.Translate(refusal, access);
            throw failure;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private static string KeyOf(NatsAccess access) => StorePlace.Fingerprint(
        access.Address, access.Username, access.Password, access.CredentialsFile, access.Certificates.Fingerprint);

    private static ConnectionFault FaultOf(Exception exception) => exception switch
    {
        // NATS answered, or the server has no JetStream that could.
        NatsJSApiException or NatsNoRespondersException => ConnectionFault.None,
        NatsJSApiNoResponseException or TimeoutException => ConnectionFault.Suspect,
        NatsException or IOException or SocketException => ConnectionFault.Stale,
        _ => ConnectionFault.None,
    };
}
