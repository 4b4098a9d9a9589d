using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// The streams and subjects of one world in NATS. Replies go to the world's own inbox. Connects at first use, and
/// reconnects after an outage.
/// </summary>
public sealed class NatsWorld : IAsyncDisposable
{
    // A stream answers within milliseconds. A leader that died never answers, and its successor does not know the
    // request.
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(500);

    private const string MalformedCredentials =
        $"{AetherVariables.NatsCredentials} holds no creds file, or one whose seed is malformed";

    private readonly Replaceable<NatsLink> _link;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;
    private NatsConnectionOptions _given;

    /// <summary>Prepares the connection; the first request opens it.</summary>
    public NatsWorld(NatsConnectionOptions options, TimeProvider clock)
    {
        _given = options;
        _link = new Replaceable<NatsLink>(new NatsLink(options, Configuration(options)));
        _timeout = 2 * options.RequestTimeout;
        _clock = clock;
        Stream = options.EventStream;
        JournalStream = options.JournalStream;
        SubjectPrefix = options.SubjectPrefix;
    }

    /// <summary>The streams, by the present connection; do not keep the reference for a later request.</summary>
    internal NatsJSContext JetStream => _link.Current.JetStream;

    internal TimeProvider Clock => _clock;

    /// <summary>Most bytes that the server accepts in a message; known once connected.</summary>
    internal int? MaxPayload => _link.Current.Connection.ServerInfo?.MaxPayload;

    /// <summary>The journal's stream; null if the journal is not in JetStream.</summary>
    internal string? JournalStream { get; }

    internal string Stream { get; }

    internal string SubjectPrefix { get; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>
    /// Switches to other credentials, CAs or servers, once a connection with them is open. Until then the present
    /// connection stays in use. Pending requests end on it, and its subscriptions end. One call at a time.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// No connection is possible with them; the former ones stay in use.
    /// </exception>
    public async Task UseAsync(NatsConnectionOptions options, CancellationToken cancellationToken)
    {
        if (options == _given)
            return;
        if (!options.IsSameWorld(_given))
            throw NatsFailures.OtherStreams(options);

        var next = await ProvenAsync(options, cancellationToken);
        await _link.TryReplaceAsync(_link.Current, next);
        _given = options;
    }

    /// <summary>Runs a request about the events within a time limit, including reconnects.</summary>
    internal Task<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        RunAsync(Stream, action, cancellationToken);

    /// <summary>Runs a request about <paramref name="stream"/> within a time limit, including reconnects.</summary>
    internal async Task<T> RunAsync<T>(
        string stream, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await using var held = _link.Use();
        try
        {
            return await action(either.Token);
        }
        catch (Exception exception) when (
            NatsFailures.IsOutage(exception)
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var cause = exception is ObjectDisposedException
                ? exception
                : await held.Value.FindCauseAsync(exception, cancellationToken);
            throw NatsFailures.Translate(cause, stream);
        }
    }

    /// <summary>
    /// Runs a request about <paramref name="stream"/> that may safely be carried out twice: it is sent again while
    /// there is no answer, and the first answer counts.
    /// </summary>
    internal Task<T> RepeatAsync<T>(
        string stream, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        RunAsync(stream, token => RepeatAsync(action, token), cancellationToken);

    private async ValueTask<T> RepeatAsync<T>(Func<CancellationToken, ValueTask<T>> action, CancellationToken deadline)
    {
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var attempts = new List<Task<T>>();
        try
        {
            while (true)
            {
                // Earlier attempts continue: a slow or distant server must have time to answer one of them.
                attempts.Add(action(answered.Token).AsTask());
                var pause = Task.Delay(BetweenAttempts, _clock, answered.Token);
                var first = await Task.WhenAny([.. attempts, pause]);
                if (first is Task<T> attempt)
                    return await attempt;
                deadline.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await answered.CancelAsync();
            await ((Task)Task.WhenAll(attempts)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<NatsLink> ProvenAsync(NatsConnectionOptions options, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.RequestTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var link = new NatsLink(options, Configuration(options));
        try
        {
            await link.Connection.ConnectAsync().AsTask().WaitAsync(either.Token);
            return link;
        }
        catch (Exception exception)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                await link.DisposeAsync();
                throw;
            }

            var cause = await link.FindCauseAsync(exception, CancellationToken.None);
            await link.DisposeAsync();
            throw NatsFailures.Translate(cause, Stream);
        }
    }

    private static NatsOpts Configuration(NatsConnectionOptions options) => new()
    {
        Url = options.Url,
        Name = "aether-agent",
        AuthOpts = Authentication(options),
        TlsOpts = Tls(options),
        InboxPrefix = WorldNames.InboxPrefixOf(options.SubjectPrefix),
        RequestTimeout = options.RequestTimeout,
        ConnectTimeout = options.RequestTimeout,
        // A request waits for the connection only as long as its own limit, so a server that is available again must be
        // found well within that. The library's default pause of 2 to 5 s is too long.
        ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
        ReconnectWaitMax = options.RequestTimeout / 4,
        // Keep trying: the operator may be about to correct what made the server refuse the login.
        IgnoreAuthErrorAbort = true,
    };

    private static NatsAuthOpts Authentication(NatsConnectionOptions options)
    {
        if (options.Credentials is not { } file)
            return new NatsAuthOpts { Username = options.Username, Password = options.Password };
        if (NatsCredentials.TryParse(file, out var credentials))
            return new NatsAuthOpts { Jwt = credentials.Jwt, Seed = credentials.Seed };
        // Makes each attempt to connect fail with a useful reason. Given the malformed seed, the NATS client would only
        // throw IndexOutOfRangeException.
        return new NatsAuthOpts { AuthCredCallback = (_, _) => throw new NatsException(MalformedCredentials) };
    }

    // A CA or a certificate in the settings means TLS, whatever the URL's scheme.
    private static NatsTlsOpts Tls(NatsConnectionOptions options) =>
        StoreTls.Callback(options.RootCertificate, options.Client) is { } configure
            ? new NatsTlsOpts { Mode = TlsMode.Require, ConfigureClientAuthentication = configure }
            : NatsTlsOpts.Default;
}
