using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s;
using k8s.Models;

namespace Aether.Operator.Tests.Injection;

/// <summary>One world, as the cache and as the API server have it. Every write fails.</summary>
internal sealed class LaggingWorlds : IEntityCache<WorldPersistence>, IObjectClient
{
    public WorldPersistence? Cached { get; set; }

    public WorldPersistence? Stored { get; set; }

    /// <summary>The claim of the world's log.</summary>
    public V1PersistentVolumeClaim? Claim { get; set; }

    public int Reads { get; private set; }

    /// <summary>Whether the API server is unreachable.</summary>
    public bool IsAway { get; set; }

    public bool HasSynced => true;

    public bool TryGet(ObjectKey key, [NotNullWhen(true)] out WorldPersistence? entity)
    {
        entity = Cached;
        return entity is not null;
    }

    public Task<TEntity?> TryGetAsync<TEntity>(ObjectKey key, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        Reads++;
        if (IsAway)
            throw new HttpRequestException("The API server does not answer.");
        return Task.FromResult(
            typeof(TEntity) == typeof(V1PersistentVolumeClaim) ? Claim as TEntity : Stored as TEntity);
    }

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public IReadOnlyList<WorldPersistence> List(string? @namespace = null) => throw Unexpected();

    public IReadOnlyList<WorldPersistence> Find(string index, string value) => throw Unexpected();

    public IDisposable Subscribe(Action<EntityChange<WorldPersistence>> handler) => throw Unexpected();

    public Task<IReadOnlyList<TEntity>> ListAsync<TEntity>(
        string? @namespace, string? labelSelector, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw Unexpected();

    public Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw Unexpected();

    public Task<TEntity> ReplaceAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw Unexpected();

    public Task<TEntity> ReplaceStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw Unexpected();

    public Task<TEntity> ApplyAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw Unexpected();

    public Task<TEntity> PatchAsync<TEntity>(ObjectKey key, JsonPatch patch, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw Unexpected();

    public Task<TEntity> MergeAsync<TEntity>(ObjectKey key, JsonObject patch, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw Unexpected();

    public Task<bool> DeleteAsync<TEntity>(
        ObjectKey key, V1Preconditions? preconditions, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw Unexpected();

    private static NotSupportedException Unexpected() => new("Injection only reads, and only its world and claim.");
}
