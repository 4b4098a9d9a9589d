using System.Net.Sockets;
using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>Distinguishes an unavailable NATS or a missing stream from a defect of this program.</summary>
internal static class NatsFailures
{
    public const string Store = "nats";

    private const string MissingStream =
        "The operator recreates it at the next resync, unless the world's condition NatsReady names an obstacle.";

    private const int NotFound = 404;
    private const int ServerError = 500;

    private static readonly TlsFailures Tls = new(Store);

    public static bool IsOutage(Exception exception) => exception switch
    {
        NatsPayloadTooLargeException => false,
        NatsJSApiException answer => answer.Error.Code is NotFound or >= ServerError,
        NatsException or SocketException or TimeoutException => true,
        // A connection with other credentials or servers has replaced this one.
        ObjectDisposedException => true,
        _ => false,
    };

    public static StoreUnavailableException Translate(Exception exception, string stream) =>
        new(Store, Describe(exception, stream), exception);

    public static StoreUnavailableException OtherStreams(NatsConnectionOptions other) => new(
        Store,
        $"{AetherVariables.NatsEventStream}, {AetherVariables.NatsJournalStream} or "
        + $"{AetherVariables.NatsSubjectPrefix} changed to {other}: they are only read at the start. Restart the pod.");

    private static string Describe(Exception exception, string stream) => exception switch
    {
        NatsJSApiException { Error.Code: NotFound } answer =>
            $"{answer.Error.Description} ({stream}). {MissingStream}",
        NatsJSApiException answer => $"{answer.Error.Description} (code {answer.Error.ErrCode}, {stream})",
        NatsJSPublishNoResponseException or NatsNoRespondersException =>
            $"no stream takes the world's events ({stream}). {MissingStream}",
        ObjectDisposedException => "the connection was closed, as it is when another connection replaces it",
        _ when Tls.Describe(exception) is { } text => text,
        OperationCanceledException or NatsNoReplyException or NatsTimeoutException or TimeoutException =>
            "no answer in time",
        { InnerException: { } inner } => $"{exception.Message}: {inner.Message}",
        _ => exception.Message,
    };
}
