using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;

namespace Aether.DevCluster.Api;

/// <summary>
/// Requests by path, for what the typed client cannot do: apply any manifest, ask for tables, or delete an object when
/// the answer may be the object or a Status.
/// </summary>
internal static class ApiRequests
{
    private const string Json = "application/json";
    private const string Apply = "application/apply-patch+yaml";
    private const string MergePatch = "application/merge-patch+json";

    /// <summary>Reads an object or a list.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public static Task<JsonObject> GetAsync(
        this Kubernetes client, string path, CancellationToken cancellationToken, string accept = Json) =>
        SendAsync(client, HttpMethod.Get, path, null, Json, accept, cancellationToken);

    /// <summary>Creates an object in a collection.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public static Task<JsonObject> PostAsync(
        this Kubernetes client, string path, JsonNode body, CancellationToken cancellationToken) =>
        SendAsync(client, HttpMethod.Post, path, body, Json, Json, cancellationToken);

    /// <summary>Makes an object match the manifest, by server-side apply.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public static Task<JsonObject> ApplyAsync(
        this Kubernetes client, string path, JsonNode manifest, CancellationToken cancellationToken) =>
        SendAsync(
            client, HttpMethod.Patch, $"{path}?fieldManager=aether-devcluster&force=true", manifest, Apply, Json,
            cancellationToken);

    /// <summary>Changes fields of an object.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public static Task<JsonObject> MergeAsync(
        this Kubernetes client, string path, JsonNode patch, CancellationToken cancellationToken) =>
        SendAsync(client, HttpMethod.Patch, path, patch, MergePatch, Json, cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public static Task<JsonObject> DeleteAsync(
        this Kubernetes client, string path, JsonNode? options, CancellationToken cancellationToken) =>
        SendAsync(client, HttpMethod.Delete, path, options, Json, Json, cancellationToken);

    private static async Task<JsonObject> SendAsync(
        Kubernetes client,
        HttpMethod method,
        string path,
        JsonNode? body,
        string contentType,
        string accept,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(client.BaseUri, path));
        request.Headers.Accept.ParseAdd(accept);
        if (body is not null)
        {
            request.Content = new StringContent(
                body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(contentType));
        }

        if (client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        using var response = await client.HttpClient.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!.AsObject()
            : throw new ApiException(response.StatusCode, $"{method} {path}", text);
    }
}
