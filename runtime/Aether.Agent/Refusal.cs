using System.Globalization;
using Aether.Agent.Events;
using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.Persistence.Events;
using Grpc.Core;

namespace Aether.Agent;

/// <summary>
/// The answer to a refused request, defined once for both APIs: gRPC sends it as status and trailers, the JSON API as a
/// problem.
/// </summary>
/// <param name="Code">gRPC status.</param>
/// <param name="HttpStatus">Corresponding HTTP status.</param>
/// <param name="Title">The kind of refusal, in words.</param>
/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="Facts">The machine-readable part, by trailer name; ASCII.</param>
internal sealed record Refusal(
    StatusCode Code, int HttpStatus, string Title, string Message, IReadOnlyDictionary<string, string> Facts)
{
    private static readonly IReadOnlyDictionary<string, string> NoFacts = new Dictionary<string, string>();

    /// <summary>The refusal for an exception of the engine; null for a defect.</summary>
    public static Refusal? From(Exception exception) => exception switch
    {
        InvalidCommitException e => Invalid(e.Message, e.Field, e.Limit, e.Actual),
        InvalidRequestException e => Invalid(e.Message, e.Field, e.Limit, e.Actual),
        UnknownEventPositionException e => Invalid(
            e.Message, "after_sequence", checked((long)e.Last), (long)Math.Min(e.Position, long.MaxValue)),
        EventTooLargeException e => Invalid(e.Message, "data", e.Limit, e.Bytes) with
        {
            HttpStatus = StatusCodes.Status413PayloadTooLarge,
            Title = "Event too large",
        },
        NoEventsException e => new Refusal(
            StatusCode.FailedPrecondition, StatusCodes.Status409Conflict, "No events", e.Message, NoFacts),
        DurabilityUnavailableException e => Invalid(e.Message, "durability", null, null),
        IdempotencyConflictException e => new Refusal(
            StatusCode.InvalidArgument, StatusCodes.Status422UnprocessableEntity, "Idempotency key reused", e.Message,
            new Dictionary<string, string> { [AetherTrailers.Reason] = AetherTrailers.IdempotencyConflict }),
        OutcomeUnknownException e => new Refusal(
            StatusCode.FailedPrecondition, StatusCodes.Status409Conflict, "Outcome unknown", e.Message,
            new Dictionary<string, string> { [AetherTrailers.Reason] = AetherTrailers.OutcomeUnknown }),
        VersionMismatchException e => new Refusal(
            StatusCode.Aborted, StatusCodes.Status409Conflict, "Version mismatch", e.Message,
            new Dictionary<string, string>
            {
                [AetherTrailers.CurrentVersion] = e.Current.ToString(),
                [AetherTrailers.Key] = Uri.EscapeDataString(e.Key.ToString()),
            }),
        WriterChangedException e => new Refusal(
            StatusCode.Aborted, StatusCodes.Status409Conflict, "Writer changed", e.Message,
            new Dictionary<string, string> { [AetherTrailers.Reason] = AetherTrailers.WriterChanged }),
        OverloadedException { Field: { } field } e => new Refusal(
            StatusCode.ResourceExhausted, StatusCodes.Status429TooManyRequests, "State is full", e.Message,
            new Dictionary<string, string>
            {
                [AetherTrailers.Field] = field,
                [AetherTrailers.Limit] = e.Limit.ToString(CultureInfo.InvariantCulture),
                [AetherTrailers.Actual] = e.Actual.ToString(CultureInfo.InvariantCulture),
                [AetherTrailers.RetryAfterMs] =
                    ((long)e.RetryAfter.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            }),
        OverloadedException e => new Refusal(
            StatusCode.ResourceExhausted, StatusCodes.Status429TooManyRequests, "Overloaded", e.Message,
            new Dictionary<string, string>
            {
                [AetherTrailers.RetryAfterMs] =
                    ((long)e.RetryAfter.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            }),
        FencedException e => new Refusal(
            StatusCode.FailedPrecondition, StatusCodes.Status503ServiceUnavailable, "Fenced", e.Message,
            new Dictionary<string, string> { [AetherTrailers.FencedBy] = Uri.EscapeDataString(e.Holder) }),
        OutOfMemoryException => new Refusal(
            StatusCode.ResourceExhausted, StatusCodes.Status429TooManyRequests, "Out of memory",
            "The agent has no memory for this answer. Ask for less at once, or raise "
            + "spec.agent.resources.limits.memory.",
            new Dictionary<string, string> { [AetherTrailers.RetryAfterMs] = "1000" }),
        RuntimeUnavailableException { InnerException: FencedException fenced } => From(fenced),
        RuntimeUnavailableException e => Unavailable(e.Message),
        StoreUnavailableException e => Unavailable(e.Message),
        _ => null,
    };

    /// <summary>The refusal of a request that can never succeed unchanged.</summary>
    public static Refusal Invalid(string message, string field, long? limit, long? actual)
    {
        var facts = new Dictionary<string, string> { [AetherTrailers.Field] = field };
        if (limit is { } most)
            facts[AetherTrailers.Limit] = most.ToString(CultureInfo.InvariantCulture);
        if (actual is { } has)
            facts[AetherTrailers.Actual] = has.ToString(CultureInfo.InvariantCulture);
        return new Refusal(
            StatusCode.InvalidArgument, StatusCodes.Status400BadRequest, "Invalid request", message, facts);
    }

    /// <summary>The refusal of a request that the agent cannot serve now.</summary>
    public static Refusal Unavailable(string message) => new(
        StatusCode.Unavailable, StatusCodes.Status503ServiceUnavailable, "Unavailable", message, NoFacts);
}
