using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>
/// The cache of a kind: applies lists and watch events, answers reads, and notifies subscribers of changes.
/// </summary>
/// <remarks>
/// There are two locks. A reflector's thread holds <c>_notifyLock</c> while it applies a change and calls the
/// subscribers, so that they see changes in order. <c>_lock</c> guards the data and is never held while a subscriber
/// runs. With a single lock, two caches whose subscribers read each other would deadlock.
/// </remarks>
internal sealed partial class EntityCache<TEntity> : IEntityCache<TEntity>, ICacheLoop
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly EntityKind _kind = EntityKind.Of<TEntity>();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ControllerRuntimeMetrics _metrics;
    private readonly ILogger<EntityCache<TEntity>> _logger;
    private readonly IReadOnlyList<Reflector> _reflectors;

    private readonly Lock _notifyLock = new();
    private readonly List<Action<EntityChange<TEntity>>> _subscribers = []; // guarded by _notifyLock

    private readonly Lock _lock = new();
    private readonly SortedDictionary<ObjectKey, CachedObject> _objects = new(ObjectKeyOrder.Instance); // by _lock
    private readonly CacheIndexes<TEntity> _indexes; // guarded by _lock
    private readonly HashSet<Scope> _unlisted; // guarded by _lock

    public EntityCache(
        CacheOptions<TEntity> options,
        OperatorSettings runtime,
        ApiTransport transport,
        OwnWrites ownWrites,
        RandomSource random,
        ControllerRuntimeMetrics metrics,
        ILoggerFactory loggers,
        TimeProvider clock)
    {
        _indexes = new CacheIndexes<TEntity>(options.Indexes);
        _metrics = metrics;
        metrics.AddCache(Kind);
        _logger = loggers.CreateLogger<EntityCache<TEntity>>();
        Writes = new WriteTracker(clock) { CachedVersion = Version };
        ownWrites.Follow<TEntity>(Writes);
        var scopes = options.Namespaces is [] ? [new Scope(this, null)]
            : options.Namespaces.Distinct().Select(name => new Scope(this, name)).ToList();
        _unlisted = [.. scopes];
        _reflectors = [.. scopes.Select(scope => new Reflector(
            Kind,
            new ListRequest(
                _kind.CollectionPath(scope.Namespace), options.LabelSelector, options.FieldSelector,
                runtime.Watch.PageSize),
            scope, transport, runtime.Watch, random, metrics, loggers.CreateLogger<Reflector>(), clock))];
    }

    public string Kind => _kind.Plural;

    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>Tracks whether this cache has caught up with the process's own writes.</summary>
    public WriteTracker Writes { get; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var loops = _reflectors.Select(reflector => reflector.RunAsync(cancellationToken)).ToList();
        // If one reflector fails, end now: the others would run on and hide the failure.
        await await Task.WhenAny(loops);
        await Task.WhenAll(loops);
    }

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    public bool TryGet(ObjectKey key, [NotNullWhen(true)] out TEntity? entity)
    {
        entity = Find(key) is { } found ? Read(found.Json) : null;
        return entity is not null;
    }

    public bool HasSeenOwnWrites(ObjectKey key) => Writes.Lag(key) == TimeSpan.Zero;

    public IReadOnlyList<TEntity> List(string? @namespace = null)
    {
        List<CachedObject> found;
        lock (_lock)
        {
            found = [.. _objects
                .Where(pair => @namespace is null || pair.Key.Namespace == @namespace)
                .Select(pair => pair.Value)];
        }

        return [.. found.Select(cached => Read(cached.Json))];
    }

    public IReadOnlyList<TEntity> Find(string index, string value)
    {
        List<CachedObject> found;
        lock (_lock)
            found = [.. _indexes.Find(index, value).Select(key => _objects[key])];
        return [.. found.Select(cached => Read(cached.Json))];
    }

    /// <summary>The keys of all objects; copies none of them.</summary>
    public IReadOnlyList<ObjectKey> Keys()
    {
        lock (_lock)
            return [.. _objects.Keys];
    }

    public IDisposable Subscribe(Action<EntityChange<TEntity>> handler)
    {
        lock (_notifyLock)
        {
            foreach (var entity in List())
                Notify(handler, new EntityChange<TEntity>(EntityChangeKind.Added, null, entity));
            _subscribers.Add(handler);
        }

        return new Subscription(() =>
        {
            lock (_notifyLock)
                _subscribers.Remove(handler);
        });
    }

    private void Replace(Scope scope, long mark, IReadOnlyList<string> items)
    {
        lock (_notifyLock)
        {
            var listed = items.Select(TryPut).OfType<ObjectKey>().ToHashSet();
            foreach (var missing in Keys().Where(key => scope.Covers(key) && !listed.Contains(key)))
                Drop(missing);
        }

        Writes.Relisted(mark, scope.Covers);
        if (IsLast(scope))
            _synced.TrySetResult();
    }

    private bool IsLast(Scope listed)
    {
        lock (_lock)
        {
            _unlisted.Remove(listed);
            return _unlisted.Count == 0;
        }
    }

    private void Put(string item)
    {
        lock (_notifyLock)
            TryPut(item);
    }

    private void Remove(string item)
    {
        // Read only the identity, which parses even if the rest of the object does not fit its type.
        var metadata = KubernetesJson.Deserialize<ObjectIdentity>(item).Metadata;
        lock (_notifyLock)
            Drop(new ObjectKey(metadata.NamespaceProperty, metadata.Name));
    }

    private ObjectKey? TryPut(string item)
    {
        TEntity entity;
        try
        {
            entity = Read(item);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            // Treat one unreadable object as absent, so that the cache stays usable for all others.
            var identity = KubernetesJson.Deserialize<ObjectIdentity>(item).Metadata;
            var unreadable = new ObjectKey(identity.NamespaceProperty, identity.Name);
            LogUnreadable(exception, Kind, unreadable);
            Drop(unreadable);
            return null;
        }

        var key = ObjectKey.Of(entity);
        var cached = new CachedObject(entity.Metadata.ResourceVersion, item);
        var before = Find(key);
        if (before?.ResourceVersion == cached.ResourceVersion)
            return key;

        lock (_lock)
        {
            _objects[key] = cached;
            _indexes.Put(key, entity);
            _metrics.SetCached(Kind, _objects.Count);
        }

        Writes.Saw(key, cached.ResourceVersion);
        NotifyAll(new EntityChange<TEntity>(
            before is null ? EntityChangeKind.Added : EntityChangeKind.Updated, key, Reader(before), () => entity));
        return key;
    }

    private void Drop(ObjectKey key)
    {
        CachedObject? before;
        lock (_lock)
        {
            _objects.Remove(key, out before);
            _indexes.Remove(key);
            _metrics.SetCached(Kind, _objects.Count);
        }

        Writes.Saw(key, null);
        if (before is not null)
            NotifyAll(new EntityChange<TEntity>(EntityChangeKind.Deleted, key, Reader(before), () => null));
    }

    // All subscribers get the same change, so that its object is deserialized once, and its former version only if a
    // subscriber asks for it.
    private void NotifyAll(EntityChange<TEntity> change)
    {
        foreach (var subscriber in _subscribers)
            Notify(subscriber, change);
    }

    private void Notify(Action<EntityChange<TEntity>> subscriber, EntityChange<TEntity> change)
    {
        try
        {
            subscriber(change);
        }
        catch (Exception exception)
        {
            // A filter or map that fails on one object must not stop the watch of all others.
            LogSubscriberFailed(exception, Kind, change.Key);
        }
    }

    private CachedObject? Find(ObjectKey key)
    {
        lock (_lock)
            return _objects.GetValueOrDefault(key);
    }

    private string? Version(ObjectKey key) => Find(key)?.ResourceVersion;

    private Func<TEntity?> Reader(CachedObject? cached) => () => cached is null ? null : Read(cached.Json);

    private TEntity Read(string json) => _kind.Stamp(KubernetesJson.Deserialize<TEntity>(json));

    private sealed record ObjectIdentity(V1ObjectMeta Metadata);

    /// <summary>The part of the cache that one reflector keeps current: one namespace, or all.</summary>
    private sealed class Scope(EntityCache<TEntity> cache, string? @namespace) : IReflectorTarget
    {
        public string? Namespace => @namespace;

        public bool Covers(ObjectKey key) => @namespace is null || key.Namespace == @namespace;

        public long BeginList() => cache.Writes.MarkList();

        public void Replace(long mark, IReadOnlyList<string> items) => cache.Replace(this, mark, items);

        public void Put(string item) => cache.Put(item);

        public void Remove(string item) => cache.Remove(item);
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    [LoggerMessage(4111, LogLevel.Error,
        "{Kind} {Key} does not fit its type and is treated as absent until it is corrected")]
    private partial void LogUnreadable(Exception exception, string kind, ObjectKey key);

    [LoggerMessage(4112, LogLevel.Error,
        "A filter or map failed on a change of {Kind} {Key}; the change is skipped until the next resync")]
    private partial void LogSubscriberFailed(Exception exception, string kind, ObjectKey key);
}
