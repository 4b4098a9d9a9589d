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

    // Kept, so that removing an object from the indexes does not need the object itself.
    private readonly Dictionary<ObjectKey, List<(string Name, string[] Values)>> _values = [];

    /// <summary>Replaces an object's values by those of its new version.</summary>
    public void Put(ObjectKey key, TEntity entity)
    {
        if (functions.IsEmpty)
            return;

        // Read first: an index function that fails must leave the former values in place.
        var values = functions.Select(function => (function.Key, (string[])[.. function.Value(entity)])).ToList();
        Remove(key);
        _values[key] = values;
        foreach (var (name, each) in values)
        {
            foreach (var value in each)
            {
                if (!_indexes[name].TryGetValue(value, out var keys))
                    _indexes[name][value] = keys = new SortedSet<ObjectKey>(ObjectKeyOrder.Instance);
                keys.Add(key);
            }
        }
    }

    public void Remove(ObjectKey key)
    {
        if (!_values.Remove(key, out var former))
            return;
        foreach (var (name, values) in former)
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
}
