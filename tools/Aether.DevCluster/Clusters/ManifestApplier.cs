using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using k8s;

namespace Aether.DevCluster.Clusters;

/// <summary>Applies manifests of any kind, as <c>kubectl apply --server-side</c> does.</summary>
internal sealed class ManifestApplier(Kubernetes client)
{
    private readonly ConcurrentDictionary<(string, string), (string Plural, bool Namespaced)> _kinds = new();

    /// <summary>Applies objects one after the other.</summary>
    /// <exception cref="ApiException">The server refused an object.</exception>
    public async Task ApplyAsync(IEnumerable<JsonObject> manifests, CancellationToken cancellationToken)
    {
        foreach (var manifest in manifests)
            await ApplyAsync(manifest, cancellationToken);
    }

    /// <summary>Applies an object; returns the server's version of it.</summary>
    /// <param name="manifest">The object.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="defaultNamespace">Namespace of a namespaced object that does not name one.</param>
    /// <exception cref="ApiException">The server refused the object.</exception>
    public async Task<JsonObject> ApplyAsync(
        JsonObject manifest, CancellationToken cancellationToken, string defaultNamespace = "default")
    {
        var path = await PathAsync(manifest, defaultNamespace, cancellationToken);
        return await client.ApplyAsync(path, manifest, cancellationToken);
    }

    /// <summary>Path of an object in the API.</summary>
    public async Task<string> PathAsync(
        JsonObject manifest, string defaultNamespace, CancellationToken cancellationToken)
    {
        var apiVersion = Text(manifest["apiVersion"]);
        var (plural, namespaced) = await KindAsync(apiVersion, Text(manifest["kind"]), cancellationToken);
        var metadata = manifest["metadata"]!;
        var scope = namespaced ? $"/namespaces/{metadata["namespace"]?.GetValue<string>() ?? defaultNamespace}" : "";
        return $"{Group(apiVersion)}{scope}/{plural}/{Text(metadata["name"])}";
    }

    private static string Group(string apiVersion) =>
        apiVersion.Contains('/', StringComparison.Ordinal) ? $"/apis/{apiVersion}" : $"/api/{apiVersion}";

    private async Task<(string Plural, bool Namespaced)> KindAsync(
        string apiVersion, string kind, CancellationToken cancellationToken)
    {
        if (_kinds.TryGetValue((apiVersion, kind), out var known))
            return known;
        var resources = await client.GetAsync(Group(apiVersion), cancellationToken);
        var resource = resources["resources"]!.AsArray().FirstOrDefault(item =>
            Text(item!["kind"]) == kind && !Text(item["name"]).Contains('/', StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The API server has no kind {kind} in {apiVersion}.");
        return _kinds[(apiVersion, kind)] = (Text(resource["name"]), resource["namespaced"]!.GetValue<bool>());
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
