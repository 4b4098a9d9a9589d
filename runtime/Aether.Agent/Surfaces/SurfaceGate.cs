using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aether.Agent.Surfaces;

/// <summary>
/// Separates the listeners: an endpoint answers only on the surface for which it was mapped, and an endpoint without a
/// surface never answers. Otherwise the world's state could be read over TCP.
/// </summary>
internal static class SurfaceGate
{
    private static readonly object ConnectionKey = new();

    /// <summary>Marks the connections of a listener.</summary>
    public static void UseSurface(this ListenOptions listener, Surface surface) =>
        listener.Use(next => connection =>
        {
            connection.Items[ConnectionKey] = surface;
            return next(connection);
        });

    /// <summary>Answers 404 if the request's surface is not the matched endpoint's.</summary>
    public static void UseSurfaceGate(this IApplicationBuilder app) =>
        app.Use((context, next) =>
        {
            var asked = context.GetEndpoint()?.Metadata.GetMetadata<SurfaceMetadata>()?.Surface;
            var items = context.Features.Get<IConnectionItemsFeature>()?.Items;
            if (asked is { } surface && items?[ConnectionKey] is Surface arrived && arrived == surface)
                return next(context);

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });

    /// <summary>Serves these endpoints on one surface.</summary>
    public static TBuilder On<TBuilder>(this TBuilder endpoints, Surface surface)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new SurfaceMetadata(surface));

    private sealed record SurfaceMetadata(Surface Surface);
}
