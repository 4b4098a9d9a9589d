using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>The connection for one set of options; created at first use.</summary>
internal sealed class NatsLink : IAsyncDisposable
{
    private readonly NatsConnectionOptions _options;

    public NatsLink(NatsConnectionOptions options, NatsOpts client)
    {
        _options = options;
        Connection = new NatsConnection(client);
        JetStream = new NatsJSContext(Connection, new NatsJSOpts(Connection.Opts, domain: options.Domain));
    }

    public NatsConnection Connection { get; }

    public NatsJSContext JetStream { get; }

    /// <summary>
    /// Returns the cause of a failed request: the exception or, if a server refuses the client's certificate, its
    /// alert. The client loses the alert if it arrives while the client writes; then requests only wait while the
    /// client reconnects.
    /// </summary>
    public async Task<Exception> FindCauseAsync(Exception exception, CancellationToken cancellationToken)
    {
        var urls = _options.Url.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var speaksTls = _options.RootCertificate is not null || _options.Client is not null
            || NatsUrls.AskForTls(urls);
        return !speaksTls || Connection.ConnectionState == NatsConnectionState.Open || TlsFailures.IsOfTls(exception)
            ? exception
            : await TlsProbe.Nats.FindRefusalAsync(
                NatsUrls.HostsOf(urls), StoreTls.ForHost(_options.RootCertificate, _options.Client), cancellationToken)
                ?? exception;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
