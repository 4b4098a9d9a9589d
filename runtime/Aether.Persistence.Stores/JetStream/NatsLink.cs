using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>The connection that one set of options leads to; made at first use.</summary>
internal sealed class NatsLink : IAsyncDisposable
{
    /// <param name="options">How to connect.</param>
    /// <param name="domain">JetStream domain of the streams; null: that of the server.</param>
    public NatsLink(NatsOpts options, string? domain)
    {
        Connection = new NatsConnection(options);
        JetStream = new NatsJSContext(Connection, new NatsJSOpts(Connection.Opts, domain: domain));
    }

    public NatsConnection Connection { get; }

    public NatsJSContext JetStream { get; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
