using System.Net.Sockets;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>Tells a NATS that is away, or a stream that is missing, from a defect of this program.</summary>
internal static class NatsFailures
{
    public const string Store = "nats";

    private const int NotFound = 404;
    private const int ServerError = 500;

    public static bool IsOutage(Exception exception) => exception switch
    {
        NatsPayloadTooLargeException => false,
        NatsJSApiException answer => answer.Error.Code is NotFound or >= ServerError,
        NatsException or SocketException or TimeoutException => true,
        _ => false,
    };

    public static StoreUnavailableException Translate(Exception exception, string stream) =>
        new(Store, Describe(exception, stream), exception);

    private static string Describe(Exception exception, string stream) => exception switch
    {
        NatsJSApiException { Error.Code: NotFound } answer =>
            $"{answer.Error.Description} ({stream}). The operator brings the stream back: see the world's conditions.",
        NatsJSApiException answer => $"{answer.Error.Description} (code {answer.Error.ErrCode}, {stream})",
        NatsJSPublishNoResponseException or NatsNoRespondersException =>
            $"no stream takes the world's events ({stream}). The operator brings it back: see the world's conditions.",
        _ when TlsFailures.Find(exception) is { } failure => TlsFailures.Describe(failure),
        OperationCanceledException or NatsNoReplyException or NatsTimeoutException or TimeoutException =>
            "no answer in time",
        { InnerException: { } inner } => $"{exception.Message}: {inner.Message}",
        _ => exception.Message,
    };
}
