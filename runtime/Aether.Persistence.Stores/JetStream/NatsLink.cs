using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>The connection that one set of options leads to; made at first use.</summary>
internal sealed class NatsLink : IAsyncDisposable
{
    public NatsLink(NatsOpts options)
    {
        Connection = new NatsConnection(options);
        JetStream = new NatsJSContext(Connection);
    }

    public NatsConnection Connection { get; }

    public NatsJSContext JetStream { get; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
