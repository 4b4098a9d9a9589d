using System.Collections.Concurrent;

namespace Aether.ControllerRuntime;

/// <summary>The <see cref="WriteTracker"/>s of cached kinds.</summary>
internal sealed class OwnWrites
{
    private readonly ConcurrentDictionary<EntityKind, WriteTracker> _trackers = new();

    public void Follow(EntityKind kind, WriteTracker tracker) => _trackers[kind] = tracker;

    /// <summary>
    /// Begins tracking a write; null if the kind is not cached or the object's name is not yet known.
    /// </summary>
    public PendingWrite? Begin(EntityKind kind, ObjectKey? key) =>
        key is { } known && _trackers.TryGetValue(kind, out var tracker) ? tracker.Begin(known) : null;
}
