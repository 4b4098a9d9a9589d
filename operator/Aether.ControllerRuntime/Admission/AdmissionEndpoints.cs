using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime.Admission;

/// <summary>Maps admission handlers to the paths a webhook configuration names.</summary>
public static partial class AdmissionEndpoints
{
    /// <summary>
    /// The largest request accepted: the old and the new object as JSON, each at etcd's limit of 1.5 MiB, with room for
    /// the rest.
    /// </summary>
    internal const long BodyLimitBytes = 8 * 1024 * 1024;

    /// <summary>Serves a webhook that may change objects of one kind.</summary>
    public static IEndpointConventionBuilder MapMutationWebhook<TWebhook, TEntity>(
        this IEndpointRouteBuilder endpoints, string path)
        where TWebhook : MutationWebhook<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var create = ActivatorUtilities.CreateFactory<TWebhook>([]);
        return Map(endpoints, path, (request, cancellationToken) =>
            create(endpoints.ServiceProvider, []).MutateAsync(request, cancellationToken));
    }

    /// <summary>Serves a webhook that may change objects.</summary>
    public static IEndpointConventionBuilder MapMutatingWebhook(
        this IEndpointRouteBuilder endpoints, string path, AdmissionHandler handler) =>
        Map(endpoints, path, handler);

    /// <summary>Serves a webhook that allows or refuses requests.</summary>
    public static IEndpointConventionBuilder MapValidatingWebhook(
        this IEndpointRouteBuilder endpoints, string path, AdmissionHandler handler) =>
        Map(endpoints, path, async (request, cancellationToken) =>
        {
            var result = await handler(request, cancellationToken);
            return result.Patch is null
                ? result
                : throw new InvalidOperationException($"The validating webhook {path} must not answer with a patch.");
        });

    private static IEndpointConventionBuilder Map(
        IEndpointRouteBuilder endpoints, string path, AdmissionHandler handler)
    {
        var logger = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>()
            .CreateLogger(typeof(AdmissionEndpoints));
        return endpoints.MapPost(path, context => ServeAsync(context, path, handler, logger));
    }

    private static async Task ServeAsync(HttpContext context, string path, AdmissionHandler handler, ILogger logger)
    {
        var aborted = context.RequestAborted;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = BodyLimitBytes;

        AdmissionRequest request;
        try
        {
            var review = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: aborted);
            request = AdmissionReview.ReadRequest(review);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            LogMalformed(logger, path, exception.Message);
            await Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
            return;
        }

        AdmissionResult result;
        try
        {
            result = await handler(request, aborted);
        }
        catch (Exception exception) when (!aborted.IsCancellationRequested)
        {
            LogFailed(logger, exception, path, request.Kind, new ObjectKey(request.Namespace, request.Name ?? "?"));
            // Answer 500 and not a denial, so that the webhook's failurePolicy decides about the object.
            var detail = $"Webhook {path} failed on request {request.Uid}; its log says why.";
            await Results.Problem(detail, statusCode: StatusCodes.Status500InternalServerError).ExecuteAsync(context);
            return;
        }

        if (result.Denial is not null)
            LogDenied(logger, path, request.Kind, new ObjectKey(request.Namespace, request.Name ?? "?"), result.Denial);
        await context.Response.WriteAsJsonAsync(AdmissionReview.WriteResponse(request.Uid, result), aborted);
    }

    [LoggerMessage(4501, LogLevel.Warning, "Webhook {Path} refused a request that is not an AdmissionReview: {Reason}")]
    private static partial void LogMalformed(ILogger logger, string path, string reason);

    [LoggerMessage(4502, LogLevel.Error,
        "Webhook {Path} failed on {Kind} {Key}; its failurePolicy decides the request")]
    private static partial void LogFailed(ILogger logger, Exception exception, string path, string kind, ObjectKey key);

    [LoggerMessage(4503, LogLevel.Information, "Webhook {Path} refused {Kind} {Key}: {Reason}")]
    private static partial void LogDenied(ILogger logger, string path, string kind, ObjectKey key, string reason);
}
