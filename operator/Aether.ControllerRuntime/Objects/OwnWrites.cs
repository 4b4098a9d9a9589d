using System.Collections.Concurrent;

namespace Aether.ControllerRuntime;

/// <summary>
/// The <see cref="WriteTracker"/>s of cached types. Two types of one kind are cached, and tracked, apart.
/// </summary>
internal sealed class OwnWrites
{
    private readonly ConcurrentDictionary<Type, WriteTracker> _trackers = new();

    public void Follow<TEntity>(WriteTracker tracker) => _trackers[typeof(TEntity)] = tracker;

    /// <summary>
    /// Begins tracking a write; null if the type is not cached or the object's name is not yet known.
    /// </summary>
    public PendingWrite? Begin<TEntity>(ObjectKey? key) =>
        key is { } known && _trackers.TryGetValue(typeof(TEntity), out var tracker) ? tracker.Begin(known) : null;
}
