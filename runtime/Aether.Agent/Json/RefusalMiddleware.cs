using System.Globalization;
using System.Text.Json;
using Aether.Persistence.Contracts;
using Grpc.Core;

namespace Aether.Agent.Json;

/// <summary>Answers a refused JSON request with a problem (RFC 9457).</summary>
internal static class RefusalMiddleware
{
    private const string ContentType = "application/problem+json";

    /// <summary>Wraps a handler of the JSON API.</summary>
    public static RequestDelegate Refusing(RequestDelegate handler) => async context =>
    {
        try
        {
            await handler(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && ToRefusal(e) is { } refusal)
        {
            await WriteAsync(context, refusal);
        }
    };

    /// <summary>Answers that the requested object does not exist.</summary>
    public static Task WriteNotFoundAsync(HttpContext context, string detail) => WriteAsync(
        context,
        new Refusal(
            StatusCode.NotFound, StatusCodes.Status404NotFound, "Not found", detail,
            new Dictionary<string, string>()));

    /// <summary>Answers that the path does not support the request's method.</summary>
    public static Task WriteNotAllowedAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return WriteAsync(
            context,
            new Refusal(
                StatusCode.Unimplemented, StatusCodes.Status405MethodNotAllowed, "Method not allowed",
                $"{context.Request.Path} takes {allowed}, not {context.Request.Method}.",
                new Dictionary<string, string>()));
    }

    private static Refusal? ToRefusal(Exception exception) => exception switch
    {
        JsonException e => Refusal.Invalid(
            $"The body is not the expected JSON: {e.Message}", e.Path ?? "body", null, null),
        BadHttpRequestException e => Refusal.Invalid(e.Message, "body", null, null) with { HttpStatus = e.StatusCode },
        _ => Refusal.From(exception),
    };

    private static Task WriteAsync(HttpContext context, Refusal refusal)
    {
        context.Response.StatusCode = refusal.HttpStatus;
        if (refusal.Facts.TryGetValue(AetherTrailers.RetryAfterMs, out var wait))
        {
            var seconds = Math.Ceiling(long.Parse(wait, CultureInfo.InvariantCulture) / 1000.0);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var problem = new JsonProblem
        {
            Title = refusal.Title,
            Status = refusal.HttpStatus,
            Detail = refusal.Message,
            Facts = refusal.Facts.ToDictionary(fact => fact.Key, fact => (object?)fact.Value),
        };
        return context.Response.WriteAsJsonAsync(
            problem, AgentJson.Default.JsonProblem, ContentType, context.RequestAborted);
    }
}
