using System.Collections.Immutable;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Maps the values that index functions return to the keys of their objects. Not thread-safe.</summary>
internal sealed class CacheIndexes<TEntity>(
    ImmutableDictionary<string, Func<TEntity, IEnumerable<string>>> functions)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Dictionary<string, Dictionary<string, SortedSet<ObjectKey>>> _indexes =
        functions.Keys.ToDictionary(name => name, _ => new Dictionary<string, SortedSet<ObjectKey>>());

    public void Add(ObjectKey key, TEntity entity)
    {
        foreach (var (name, values) in Values(entity))
        {
            foreach (var value in values)
            {
                if (!_indexes[name].TryGetValue(value, out var keys))
                    _indexes[name][value] = keys = new SortedSet<ObjectKey>(ObjectKeyOrder.Instance);
                keys.Add(key);
            }
        }
    }

    public void Remove(ObjectKey key, TEntity entity)
    {
        foreach (var (name, values) in Values(entity))
        {
            foreach (var value in values)
            {
                if (_indexes[name].TryGetValue(value, out var keys) && keys.Remove(key) && keys.Count == 0)
                    _indexes[name].Remove(value);
            }
        }
    }

    public IReadOnlyList<ObjectKey> Find(string index, string value)
    {
        if (!_indexes.TryGetValue(index, out var values))
        {
            throw new ArgumentException(
                $"{typeof(TEntity).Name} has no index '{index}'. Declare it in its cache options.", nameof(index));
        }

        return values.TryGetValue(value, out var keys) ? [.. keys] : [];
    }

    private IEnumerable<(string Name, IReadOnlyList<string> Values)> Values(TEntity entity) =>
        functions.Select(function => (function.Key, (IReadOnlyList<string>)[.. function.Value(entity)]));
}
