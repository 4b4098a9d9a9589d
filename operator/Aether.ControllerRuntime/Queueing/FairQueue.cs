namespace Aether.ControllerRuntime;

/// <summary>
/// Keys in the order they were added within a namespace, and from all namespaces in turn. So a namespace with thousands
/// of waiting keys delays each key of another namespace by at most one key of its own.
/// </summary>
/// <remarks>Not thread-safe. The idea is fair queuing by flow, as in Kubernetes' API Priority and Fairness.</remarks>
internal sealed class FairQueue
{
    private readonly Dictionary<string, Queue<ObjectKey>> _byNamespace = new(StringComparer.Ordinal);
    private readonly Queue<Queue<ObjectKey>> _turns = new();

    /// <summary>Adds a key, even if the queue already has it.</summary>
    public void Add(ObjectKey key)
    {
        var name = key.Namespace ?? "";
        if (!_byNamespace.TryGetValue(name, out var keys))
        {
            _byNamespace.Add(name, keys = new Queue<ObjectKey>());
            _turns.Enqueue(keys);
        }

        keys.Enqueue(key);
    }

    /// <summary>Removes the first key of the namespace whose turn it is.</summary>
    /// <exception cref="InvalidOperationException">The queue is empty.</exception>
    public ObjectKey Take()
    {
        var keys = _turns.Dequeue();
        var key = keys.Dequeue();
        if (keys.Count > 0)
            _turns.Enqueue(keys);
        else
            _byNamespace.Remove(key.Namespace ?? "");
        return key;
    }
}
