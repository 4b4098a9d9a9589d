using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// The streams and subjects of one world in NATS. Replies come to an inbox of the world's own. Connects at first use
/// and by itself again after an outage.
/// </summary>
public sealed class NatsWorld : IAsyncDisposable
{
    private readonly NatsConnection _connection;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;

    /// <summary>Prepares the connection; the first request makes it.</summary>
    public NatsWorld(NatsConnectionOptions options, TimeProvider clock)
    {
        _connection = new NatsConnection(new NatsOpts
        {
            Url = options.Url,
            Name = "aether-agent",
            AuthOpts = new NatsAuthOpts
            {
                Creds = options.Credentials,
                Username = options.Credentials is null ? options.Username : null,
                Password = options.Credentials is null ? options.Password : null,
            },
            InboxPrefix = WorldNames.InboxPrefixOf(options.SubjectPrefix),
            RequestTimeout = options.RequestTimeout,
            ConnectTimeout = options.RequestTimeout,
            // A request waits for the connection no longer than its own bound, so a server that is back must be found
            // well within that; the library's own pause of 2 to 5 s would outlast it.
            ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
            ReconnectWaitMax = options.RequestTimeout / 4,
            // The operator may be about to mend what made the server say no.
            IgnoreAuthErrorAbort = true,
        });
        _timeout = 2 * options.RequestTimeout;
        _clock = clock;
        JetStream = new NatsJSContext(_connection);
        Stream = options.EventStream;
        JournalStream = options.JournalStream;
        SubjectPrefix = options.SubjectPrefix;
    }

    internal NatsJSContext JetStream { get; }

    internal TimeProvider Clock => _clock;

    /// <summary>Most bytes the server takes in a message; known once connected.</summary>
    internal int? MaxPayload => _connection.ServerInfo?.MaxPayload;

    /// <summary>The journal's stream; null if the journal lies elsewhere.</summary>
    internal string? JournalStream { get; }

    internal string Stream { get; }

    internal string SubjectPrefix { get; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>Runs a request about the events within a bounded time, reconnects included.</summary>
    internal Task<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        RunAsync(Stream, action, cancellationToken);

    /// <summary>Runs a request about <paramref name="stream"/> likewise.</summary>
    internal async Task<T> RunAsync<T>(
        string stream, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await action(either.Token);
        }
        catch (Exception exception) when (
            NatsFailures.IsOutage(exception)
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw NatsFailures.Translate(exception, stream);
        }
    }
}
