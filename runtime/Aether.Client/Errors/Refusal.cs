using System.Globalization;
using Aether.Persistence.Contracts;
using Grpc.Core;

namespace Aether.Client;

/// <summary>Converts statuses of the agent to exceptions, one for each decision that a caller can take.</summary>
internal static class Refusal
{
    private const long Http2ProtocolError = 1;

    /// <summary>The exception for a call that failed.</summary>
    public static WorldException From(RpcException e) =>
        From(e.StatusCode, e.Status.Detail, name => e.Trailers.GetValue(name), e);

    /// <summary>The exception for one refused commit of a stream.</summary>
    public static WorldException From(Persistence.V1.Rejection rejection) =>
        From((StatusCode)rejection.Code, rejection.Message, name => rejection.Facts.GetValueOrDefault(name), null);

    /// <summary>
    /// Whether there was no answer: the agent is unavailable, not ready, or ended first. The transport reports this in
    /// several ways and under several statuses, depending on what it was doing when the socket closed; a message that
    /// was cut off ends as cancelled. A caller that may have cancelled must check its own token first.
    /// </summary>
    public static bool IsOutage(Exception e) => e switch
    {
        RpcException { StatusCode: StatusCode.Unavailable } or AgentUnavailableException => true,
        RpcException rpc =>
            rpc.Status.DebugException is HttpRequestException or IOException or OperationCanceledException,
        IOException or HttpRequestException => true,
        _ => false,
    };

    /// <summary>
    /// The exception for a call whose caller cancelled it or whose world was disposed; null if neither happened.
    /// </summary>
    public static Exception? GivenUp(Exception e, CancellationToken caller, CancellationToken disposal)
    {
        if (e is not (RpcException or ObjectDisposedException) && !IsOutage(e))
            return null;
        if (caller.IsCancellationRequested)
            return new OperationCanceledException(caller);
        return disposal.IsCancellationRequested ? Disposed() : null;
    }

    /// <summary>
    /// The exception for calls that were open when their world was disposed, or that started afterwards.
    /// </summary>
    public static ObjectDisposedException Disposed() => new(
        typeof(AetherWorld).FullName,
        "The world was disposed before the agent answered. A commit that was sent may have been applied.");

    /// <summary>The exception for a call without an answer until its retries were used up.</summary>
    public static AgentUnavailableException Unavailable(Exception cause) =>
        cause as AgentUnavailableException
        ?? new($"The agent did not answer: {Detail(cause)}", cause);

    /// <summary>The cause of an outage, according to the transport or the agent.</summary>
    public static string Detail(Exception outage) => outage switch
    {
        _ when IsSilence(outage) =>
            $"it answered no ping within {nameof(AetherWorldOptions)}.{nameof(AetherWorldOptions.SilenceLimit)}. Its "
            + "process is frozen, or gets no CPU.",
        RpcException { Status.Detail: "" } => "the connection ended during the call.",
        RpcException rpc => rpc.Status.Detail,
        _ => outage.Message,
    };

    // The handler reports a ping without an answer as a protocol error, which the agent causes in no other way.
    private static bool IsSilence(Exception outage)
    {
        var cause = outage is RpcException rpc ? rpc.Status.DebugException : outage;
        while (cause is not null and not (HttpProtocolException or SilentAgentException))
            cause = cause.InnerException;
        return cause is SilentAgentException or HttpProtocolException { ErrorCode: Http2ProtocolError };
    }

    private static WorldException From(
        StatusCode code, string message, Func<string, string?> fact, Exception? inner)
    {
        return code switch
        {
            StatusCode.InvalidArgument when fact(AetherTrailers.Reason) == AetherTrailers.IdempotencyConflict =>
                new IdempotencyConflictException(message, inner),
            StatusCode.InvalidArgument => new InvalidCommitException(
                message, fact(AetherTrailers.Field), Number(AetherTrailers.Limit), Number(AetherTrailers.Actual),
                inner),
            StatusCode.Aborted when fact(AetherTrailers.Reason) == AetherTrailers.WriterChanged =>
                new WriterChangedException(message, inner),
            StatusCode.Aborted =>
                new VersionMismatchException(message, Number(AetherTrailers.CurrentVersion) ?? 0, inner),
            StatusCode.ResourceExhausted when Number(AetherTrailers.RetryAfterMs) is { } wait =>
                new AgentOverloadedException(message, TimeSpan.FromMilliseconds(wait), inner),
            StatusCode.FailedPrecondition when fact(AetherTrailers.Reason) == AetherTrailers.OutcomeUnknown =>
                new OutcomeUnknownException(message, inner),
            StatusCode.FailedPrecondition when fact(AetherTrailers.FencedBy) is { } holder =>
                new AgentFencedException(message, Uri.UnescapeDataString(holder), inner),
            StatusCode.Unavailable => new AgentUnavailableException(message, inner),
            _ => new WorldException($"{code}: {message}", inner),
        };

        ulong? Number(string name) =>
            ulong.TryParse(fact(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
