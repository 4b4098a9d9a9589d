using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>The connection that one set of options leads to; made at first use.</summary>
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
    /// What a request failed with or, where a server refuses the client's certificate, its alert: the client loses that
    /// if it comes while it writes, and requests only wait while it tries again.
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
