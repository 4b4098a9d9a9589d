using System.Globalization;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;

namespace Aether.Operator.Resolving;

/// <summary>Refuses a new world on a backend that has as many worlds as its <c>spec.maxWorlds</c> allows.</summary>
/// <remarks>
/// Worlds that have stores come first, then the others by age. So the order does not depend on which reconcile runs
/// first, and worlds that are reconciled at the same time cannot exceed the limit together. Thread-safe.
/// </remarks>
internal sealed class BackendRoom : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Place> _places = []; // guarded by _gate
    private readonly IDisposable _subscription;

    /// <summary>Follows all worlds of the cache.</summary>
    public BackendRoom(IEntityCache<WorldPersistence> worlds) => _subscription = worlds.Subscribe(Follow);

    /// <summary>
    /// Requires that the backend has room for a world. A world that has stores always has room.
    /// </summary>
    /// <exception cref="BackendException">The backend is full.</exception>
    public void Require(WorldPersistence world, PersistenceBackend backend)
    {
        if (backend.Spec.MaxWorlds is not { } most || world.Status.Stores is not null)
            return;
        if (CountBefore(Place.Of(world)) is var before && before >= most)
            throw new BackendException(WorldReason.BackendFull, string.Create(CultureInfo.InvariantCulture,
                $"PersistenceBackend '{backend.Metadata.Name}' is full: its spec.maxWorlds is {most}, and {before} "
                + $"worlds come before this one. Raise the limit, delete worlds, or name another backend in a new "
                + $"WorldPersistence."));
    }

    /// <inheritdoc />
    public void Dispose() => _subscription.Dispose();

    private void Follow(EntityChange<WorldPersistence> change)
    {
        lock (_gate)
        {
            if (change.After is { } world)
                _places[change.Key] = Place.Of(world);
            else
                _places.Remove(change.Key);
        }
    }

    private int CountBefore(Place place)
    {
        lock (_gate)
            return _places.Values.Count(other => other.Backend == place.Backend && other.IsBefore(place));
    }

    /// <summary>A world's place in the order of its backend's worlds.</summary>
    private readonly record struct Place(string Backend, bool HasStores, DateTime Created, string Uid)
    {
        public static Place Of(WorldPersistence world) => new(
            world.Spec.BackendRef.Name,
            world.Status.Stores is not null,
            world.Metadata.CreationTimestamp ?? DateTime.MaxValue,
            world.Metadata.Uid);

        public bool IsBefore(Place other) => HasStores != other.HasStores
            ? HasStores
            : Created != other.Created ? Created < other.Created : string.CompareOrdinal(Uid, other.Uid) < 0;
    }
}
