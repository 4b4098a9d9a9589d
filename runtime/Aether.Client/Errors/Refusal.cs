using System.Globalization;
using Aether.Persistence.Contracts;
using Grpc.Core;

namespace Aether.Client;

/// <summary>Turns statuses of the agent into the exception a caller can decide by.</summary>
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
    /// Whether there was no answer: the agent is unavailable, not ready, or ended first. The transport says so
    /// in several ways and under several statuses, depending on what it was doing when the socket closed; a message cut
    /// off on its way ends as cancelled. A caller that may have cancelled asks its own token first.
    /// </summary>
    public static bool IsOutage(Exception e) => e switch
    {
        RpcException { StatusCode: StatusCode.Unavailable } or AgentUnavailableException => true,
        RpcException rpc =>
            rpc.Status.DebugException is HttpRequestException or IOException or OperationCanceledException,
        IOException or HttpRequestException => true,
        _ => false,
    };

    /// <summary>What a call ends with if its caller gave up, or its world was disposed; null if neither.</summary>
    public static Exception? GivenUp(Exception e, CancellationToken caller, CancellationToken disposal)
    {
        if (e is not (RpcException or ObjectDisposedException) && !IsOutage(e))
            return null;
        if (caller.IsCancellationRequested)
            return new OperationCanceledException(caller);
        return disposal.IsCancellationRequested ? Disposed() : null;
    }

    /// <summary>The exception for what was open when its world was disposed, or is begun after.</summary>
    public static ObjectDisposedException Disposed() => new(
        typeof(AetherWorld).FullName,
        "The world was disposed before the agent answered. A commit on its way may have been made.");

    /// <summary>The exception for a call that found nobody until its retries were used up.</summary>
    public static AgentUnavailableException Unavailable(Exception cause) =>
        cause as AgentUnavailableException
        ?? new($"The agent did not answer: {Detail(cause)}", cause);

    /// <summary>What the transport, or the agent, says of an outage.</summary>
    public static string Detail(Exception outage) => outage switch
    {
        _ when IsSilence(outage) =>
            $"it answered no ping within {nameof(AetherWorldOptions)}.{nameof(AetherWorldOptions.SilenceLimit)}. Its "
            + "process is frozen, or gets no CPU.",
        RpcException { Status.Detail: "" } => "the connection ended while the call was on its way.",
        RpcException rpc => rpc.Status.Detail,
        _ => outage.Message,
    };

    // The handler counts a ping without an answer as a breach of the protocol, which no agent commits otherwise.
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
