using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>The cache of a kind: takes in lists and watch events, answers look-ups, tells subscribers.</summary>
/// <remarks>
/// Two locks, because a subscriber may look into another kind's cache whose subscriber looks into this one: changes
/// are told under one of their own, look-ups take the other and hold nothing else.
/// </remarks>
internal sealed partial class EntityCache<TEntity> : IEntityCache<TEntity>, ICacheLoop
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly EntityKind _kind = EntityKind.Of<TEntity>();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ControllerRuntimeMetrics _metrics;
    private readonly ILogger<EntityCache<TEntity>> _logger;
    private readonly IReadOnlyList<Reflector> _reflectors;

    private readonly Lock _telling = new();
    private readonly List<Action<EntityChange<TEntity>>> _subscribers = []; // guarded by _telling

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
        ownWrites.Follow(_kind, Writes);
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

    /// <summary>Knows whether this cache has caught up with the process's own writes.</summary>
    public WriteTracker Writes { get; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var loops = _reflectors.Select(reflector => reflector.RunAsync(cancellationToken)).ToList();
        // One that dies is not kept quiet by the others, which go on.
        await await Task.WhenAny(loops);
        await Task.WhenAll(loops);
    }

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    public bool TryGet(ObjectKey key, [NotNullWhen(true)] out TEntity? entity)
    {
        entity = Find(key) is { } found ? Read(found.Json) : null;
        return entity is not null;
    }

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

    /// <summary>The keys of all objects, without a copy of any.</summary>
    public IReadOnlyList<ObjectKey> Keys()
    {
        lock (_lock)
            return [.. _objects.Keys];
    }

    public IDisposable Subscribe(Action<EntityChange<TEntity>> handler)
    {
        lock (_telling)
        {
            foreach (var entity in List())
                Tell(handler, new EntityChange<TEntity>(EntityChangeKind.Added, null, entity));
            _subscribers.Add(handler);
        }

        return new Subscription(() =>
        {
            lock (_telling)
                _subscribers.Remove(handler);
        });
    }

    private void Replace(Scope scope, long mark, IReadOnlyList<string> items)
    {
        lock (_telling)
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
        lock (_telling)
            TryPut(item);
    }

    private void Remove(string item)
    {
        // Only the key is needed, and every object has one, whatever else it holds.
        var metadata = KubernetesJson.Deserialize<ObjectIdentity>(item).Metadata;
        lock (_telling)
            Drop(new ObjectKey(metadata.NamespaceProperty, metadata.Name));
    }

    private ObjectKey? TryPut(string item)
    {
        var identity = KubernetesJson.Deserialize<ObjectIdentity>(item).Metadata;
        var key = new ObjectKey(identity.NamespaceProperty, identity.Name);
        TEntity entity;
        try
        {
            entity = Read(item);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            // One object that cannot be read must not cost the others their cache; nobody acts on what is absent.
            LogUnreadable(exception, Kind, key);
            Drop(key);
            return null;
        }

        var cached = new CachedObject(identity.ResourceVersion, item);
        var before = Find(key);
        if (before?.ResourceVersion == cached.ResourceVersion)
            return key;

        lock (_lock)
        {
            if (before is not null)
                _indexes.Remove(key, Read(before.Json));
            _objects[key] = cached;
            _indexes.Add(key, entity);
            _metrics.SetCached(Kind, _objects.Count);
        }

        Writes.Saw(key, cached.ResourceVersion);
        TellAll(before is null ? EntityChangeKind.Added : EntityChangeKind.Updated, before, cached);
        return key;
    }

    private void Drop(ObjectKey key)
    {
        CachedObject? before;
        lock (_lock)
        {
            if (_objects.Remove(key, out before))
                _indexes.Remove(key, Read(before.Json));
            _metrics.SetCached(Kind, _objects.Count);
        }

        Writes.Saw(key, null);
        if (before is not null)
            TellAll(EntityChangeKind.Deleted, before, null);
    }

    private void TellAll(EntityChangeKind kind, CachedObject? before, CachedObject? after)
    {
        foreach (var subscriber in _subscribers)
            Tell(subscriber, new EntityChange<TEntity>(kind, Copy(before), Copy(after)));
    }

    private void Tell(Action<EntityChange<TEntity>> subscriber, EntityChange<TEntity> change)
    {
        try
        {
            subscriber(change);
        }
        catch (Exception exception)
        {
            // A filter or map that fails on one object must not stop the watch for all others.
            LogSubscriberFailed(exception, Kind, change.Key);
        }
    }

    private CachedObject? Find(ObjectKey key)
    {
        lock (_lock)
            return _objects.GetValueOrDefault(key);
    }

    private string? Version(ObjectKey key) => Find(key)?.ResourceVersion;

    private TEntity? Copy(CachedObject? cached) => cached is null ? null : Read(cached.Json);

    private TEntity Read(string json) => _kind.Stamp(KubernetesJson.Deserialize<TEntity>(json));

    private sealed record ObjectIdentity(V1ObjectMeta Metadata);

    /// <summary>What one reflector keeps current: the objects of one namespace, or all.</summary>
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

    [LoggerMessage(4111, LogLevel.Error, "{Kind} {Key} cannot be read and is treated as missing")]
    private partial void LogUnreadable(Exception exception, string kind, ObjectKey key);

    [LoggerMessage(4112, LogLevel.Error, "A filter or map failed on a change of {Kind} {Key}, which is skipped")]
    private partial void LogSubscriberFailed(Exception exception, string kind, ObjectKey key);
}
