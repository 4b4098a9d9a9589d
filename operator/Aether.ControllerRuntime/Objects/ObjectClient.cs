using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>The <see cref="IObjectClient"/> of a process; writes as one field manager.</summary>
internal sealed class ObjectClient(ApiTransport transport, OwnWrites ownWrites, OperatorSettings options)
    : IObjectClient
{
    private const int PageSize = 500;

    private readonly string _fieldManager = $"fieldManager={Uri.EscapeDataString(options.Name)}";

    public async Task<TEntity?> TryGetAsync<TEntity>(ObjectKey key, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            var path = EntityKind.Of<TEntity>().ObjectPath(key);
            return await transport.SendAsync<TEntity>(HttpMethod.Get, path, null, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<TEntity>> ListAsync<TEntity>(
        string? @namespace, string? labelSelector, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = EntityKind.Of<TEntity>();
        var list = new ListRequest(kind.CollectionPath(@namespace), labelSelector, FieldSelector: null, PageSize);
        var items = new List<TEntity>();
        await foreach (var page in list.ReadPagesAsync(transport, cancellationToken))
            items.AddRange(page.Items.Select(json => kind.Stamp(KubernetesJson.Deserialize<TEntity>(json))));
        return items;
    }

    public Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = EntityKind.Of<TEntity>();
        var path = $"{kind.CollectionPath(entity.Metadata.NamespaceProperty)}?{_fieldManager}";
        return WriteAsync<TEntity>(
            entity.Metadata.Name is null ? null : ObjectKey.Of(entity), HttpMethod.Post, path, Body(kind, entity),
            cancellationToken);
    }

    public Task<TEntity> ReplaceAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => ReplaceAsync(entity, "", cancellationToken);

    public Task<TEntity> ReplaceStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => ReplaceAsync(entity, "/status", cancellationToken);

    public Task<TEntity> ApplyAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = EntityKind.Of<TEntity>();
        var key = ObjectKey.Of(entity);
        return WriteAsync<TEntity>(
            key, HttpMethod.Patch, $"{kind.ObjectPath(key)}?{_fieldManager}&force=true",
            Body(kind, entity, "application/apply-patch+yaml"), cancellationToken);
    }

    public Task<TEntity> PatchAsync<TEntity>(ObjectKey key, JsonPatch patch, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        PatchAsync<TEntity>(key, Content(patch.ToString(), "application/json-patch+json"), cancellationToken);

    public Task<TEntity> MergeAsync<TEntity>(ObjectKey key, JsonObject patch, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        PatchAsync<TEntity>(key, Content(patch.ToJsonString(), "application/merge-patch+json"), cancellationToken);

    public async Task<bool> DeleteAsync<TEntity>(
        ObjectKey key, V1Preconditions? preconditions, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var deletion = new V1DeleteOptions { PropagationPolicy = "Background", Preconditions = preconditions };
        try
        {
            // The answer is the object if finalizers keep it, otherwise a status. Neither is needed: the cache reports
            // the deletion.
            using var answer = await transport.SendAsync<JsonDocument>(
                HttpMethod.Delete, EntityKind.Of<TEntity>().ObjectPath(key),
                Content(KubernetesJson.Serialize(deletion), "application/json"), cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return false;
        }
    }

    private Task<TEntity> ReplaceAsync<TEntity>(
        TEntity entity, string subresource, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var key = ObjectKey.Of(entity);
        if (string.IsNullOrEmpty(entity.Metadata.ResourceVersion))
            throw new ArgumentException($"{key} has no resourceVersion; read it before replacing it.", nameof(entity));

        var kind = EntityKind.Of<TEntity>();
        return WriteAsync<TEntity>(
            key, HttpMethod.Put, $"{kind.ObjectPath(key)}{subresource}?{_fieldManager}", Body(kind, entity),
            cancellationToken);
    }

    private Task<TEntity> PatchAsync<TEntity>(ObjectKey key, HttpContent content, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync<TEntity>(
            key, HttpMethod.Patch, $"{EntityKind.Of<TEntity>().ObjectPath(key)}?{_fieldManager}", content,
            cancellationToken);

    private async Task<TEntity> WriteAsync<TEntity>(
        ObjectKey? key, HttpMethod method, string path, HttpContent content, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        using var write = ownWrites.Begin<TEntity>(key);
        var written = await transport.SendAsync<TEntity>(method, path, content, cancellationToken);
        write?.Complete(written.Metadata);
        return written;
    }

    private static StringContent Body<TEntity>(EntityKind kind, TEntity entity, string mediaType = "application/json")
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        Content(KubernetesJson.Serialize(kind.Stamp(entity)), mediaType);

    private static StringContent Content(string json, string mediaType) =>
        new(json, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
}
