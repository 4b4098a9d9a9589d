using System.Collections.Concurrent;

namespace Aether.ControllerRuntime;

/// <summary>Finds the <see cref="WriteTracker"/> of a kind, if a controller follows it.</summary>
internal sealed class OwnWrites
{
    private readonly ConcurrentDictionary<EntityKind, WriteTracker> _trackers = new();

    public void Follow(EntityKind kind, WriteTracker tracker) => _trackers[kind] = tracker;

    /// <summary>Announces a write; null if nobody follows the kind or the name is not yet known.</summary>
    public PendingWrite? Begin(EntityKind kind, ObjectKey? key) =>
        key is { } known && _trackers.TryGetValue(kind, out var tracker) ? tracker.Begin(known) : null;
}
