using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Aether.Agent.Settings;
using Aether.Agent.Surfaces;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Aether.Persistence.Runtime;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Aether.Agent.Json;

/// <summary>The part of world.proto that is useful with curl. docs/agent.md shows each call.</summary>
internal static class JsonEndpoints
{
    private const string StatePath = "/v1/state/";
    private const string VersionHeader = "Aether-Version";
    private const int DefaultLimit = 1000;
    private const int LargestLimit = 10_000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void MapJson(this IEndpointRouteBuilder app)
    {
        Map(app, HttpMethods.Get, "/v1/status", StatusAsync);
        Map(app, HttpMethods.Get, StatePath + "{**key}", StateAsync);
        Map(app, HttpMethods.Post, "/v1/commits", CommitAsync);
        Map(app, HttpMethods.Post, "/v1/snapshots", SnapshotAsync);
        Map(app, HttpMethods.Post, "/v1/events/{type}", PublishAsync);
    }

    private static void Map(IEndpointRouteBuilder app, string method, string path, RequestDelegate handler)
    {
        app.MapMethods(path, [method], RefusalMiddleware.Refusing(handler)).On(Surface.Json);

        // ASP.NET's own answer to other methods is an endpoint without a surface, which the gate hides.
        app.Map(path, context => RefusalMiddleware.WriteNotAllowedAsync(context, method)).On(Surface.Json);
    }

    private static Task StatusAsync(HttpContext context)
    {
        var status = JsonMapping.ToStatus(
            Service<AgentOptions>(context).WorldName, Service<WorldStatus>(context).Current);
        return context.Response.WriteAsJsonAsync(
            status, AgentJson.Default.JsonStatus, contentType: null, context.RequestAborted);
    }

    private static Task StateAsync(HttpContext context)
    {
        // Use the raw target, because a kind or an id may contain an escaped slash, which routing leaves escaped.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?')[0];

        // An absolute target has scheme and authority before its path (RFC 9112, 3.2.2).
        if (path[0] != '/' && path.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
            path = path[path.IndexOf('/', scheme + 3)..];
        var parts = path.Split('/', 5);
        if (!Unescape(parts[1], "path").Equals("v1", StringComparison.OrdinalIgnoreCase)
            || !Unescape(parts[2], "path").Equals("state", StringComparison.OrdinalIgnoreCase))
            throw new InvalidRequestException("path", $"'{path}' has '.' or '..' before {StatePath}KIND");
        if (parts.Length == 3 || parts[3].Length == 0)
            throw new InvalidRequestException("kind", $"is missing: {StatePath}KIND or {StatePath}KIND/ID");

        var kind = Unescape(parts[3], "kind");
        return parts.Length == 4
            ? ScanAsync(context, kind)
            : GetAsync(context, new StateKey(kind, Unescape(parts[4], "id")));
    }

    // Uri.UnescapeDataString leaves escapes that are not UTF-8 unchanged, so it would mistake one key for another.
    private static string Unescape(string escaped, string field)
    {
        var bytes = Encoding.UTF8.GetBytes(escaped.Replace("+", "%2B", StringComparison.Ordinal));
        try
        {
            return Utf8.GetString(WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidRequestException(field, $"'{escaped}' is not UTF-8");
        }
    }

    private static async Task GetAsync(HttpContext context, StateKey key)
    {
        var (confirmed, raw) = (Flag(context, "confirmed"), Flag(context, "raw"));
        var read = await Service<PersistenceRuntime>(context).GetAsync(key, confirmed, context.RequestAborted);
        if (read.Value is not { } value)
        {
            await RefusalMiddleware.WriteNotFoundAsync(context, $"'{key}' does not exist.");
            return;
        }

        context.Response.Headers[VersionHeader] = value.Version.ToString();
        if (raw)
        {
            context.Response.ContentType = "application/octet-stream";
            await context.Response.Body.WriteAsync(value.Value, context.RequestAborted);
            return;
        }

        await context.Response.WriteAsJsonAsync(
            JsonMapping.ToEntry(key, value), AgentJson.Default.JsonEntry, contentType: null, context.RequestAborted);
    }

    // "?confirmed", "?confirmed=true" or "?confirmed=false".
    private static bool Flag(HttpContext context, string name)
    {
        if (context.Request.Query[name] is not [{ } value])
            return false;
        if (value.Length == 0)
            return true;
        return bool.TryParse(value, out var set)
            ? set
            : throw new InvalidRequestException(name, $"'{value}' must be true, false or nothing");
    }

    private static async Task ScanAsync(HttpContext context, string kind)
    {
        var limit = DefaultLimit;
        if (context.Request.Query["limit"] is [{ Length: > 0 } text]
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit)
                && limit is > 0 and <= LargestLimit))
        {
            throw new InvalidRequestException("limit", $"'{text}' must be 1 to {LargestLimit}", LargestLimit);
        }

        using var reader = Service<StateReaders>(context).Open();
        var view = reader.View;
        var found = view.Scan(kind, PrefixOf(context));
        var scan = new JsonScan(
            view.Sequence.Value, found.Count > limit,
            [.. found.Take(limit).Select(entry => JsonMapping.ToEntry(entry.Key, entry.Value))]);
        try
        {
            await reader.WaitAsync(
                context.Response.WriteAsJsonAsync(
                    scan, AgentJson.Default.JsonScan, contentType: null, CancellationToken.None),
                context.RequestAborted);
        }
        catch (OverloadedException) when (context.Response.HasStarted)
        {
            // A part of the answer was sent, so cutting the connection is the only way to signal the failure.
            context.Abort();
        }
    }

    // Request.Query also leaves escapes that are not UTF-8 unchanged.
    private static string PrefixOf(HttpContext context)
    {
        foreach (var parameter in new QueryStringEnumerable(context.Request.QueryString.Value))
        {
            if (parameter.DecodeName().Span.Equals("prefix", StringComparison.OrdinalIgnoreCase))
                return Unescape(parameter.EncodedValue.ToString().Replace('+', ' '), "prefix");
        }

        return "";
    }

    private static async Task CommitAsync(HttpContext context)
    {
        var posted = await JsonSerializer.DeserializeAsync(
            context.Request.Body, AgentJson.Default.JsonCommit, context.RequestAborted)
            ?? throw new InvalidRequestException("body", "is null");
        var result = await Service<WorldCommits>(context)
            .CommitAsync(JsonMapping.ToCommit(posted), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(
            new JsonCommitted(result.Sequence.Value, result.Epoch.Value, result.Durability, result.Repeated),
            AgentJson.Default.JsonCommitted, contentType: null, context.RequestAborted);
    }

    private static async Task SnapshotAsync(HttpContext context)
    {
        var manifest = await Service<PersistenceRuntime>(context).SnapshotAsync(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(
            JsonMapping.ToSnapshot(manifest), AgentJson.Default.JsonSnapshot, contentType: null,
            context.RequestAborted);
    }

    private static async Task PublishAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var sequence = await Service<WorldEvents>(context).PublishAsync(
            (string)context.Request.RouteValues["type"]!, body.ToArray(), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(
            new JsonPublished(sequence), AgentJson.Default.JsonPublished, contentType: null, context.RequestAborted);
    }

    private static T Service<T>(HttpContext context)
        where T : notnull => context.RequestServices.GetRequiredService<T>();
}
