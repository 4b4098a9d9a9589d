using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Filters that select the changes which trigger a reconcile.</summary>
public static class ChangeFilters
{
    /// <summary>Selects every change.</summary>
    public static bool All<TEntity>(EntityChange<TEntity> change)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => true;

    /// <summary>
    /// Selects every change except an update that left generation, labels, annotations, owners and deletion as they
    /// were and removed no finalizer. An added finalizer changes nothing that a reconcile reads, and is usually the
    /// controller's own. Kinds without a generation: every change.
    /// </summary>
    public static bool MoreThanStatus<TEntity>(EntityChange<TEntity> change)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (change is not { Kind: EntityChangeKind.Updated, Before: { } before, After: { } after })
            return true;

        var (old, current) = (before.Metadata, after.Metadata);
        return current.Generation is null or 0
            || old.Generation != current.Generation
            || old.Uid != current.Uid
            || old.DeletionTimestamp != current.DeletionTimestamp
            || !SameEntries(old.Labels, current.Labels)
            || !SameEntries(old.Annotations, current.Annotations)
            || (old.Finalizers ?? []).Except(current.Finalizers ?? []).Any()
            || !SameItems(Owners(old), Owners(current));
    }

    private static IEnumerable<string>? Owners(V1ObjectMeta metadata) =>
        metadata.OwnerReferences?.Select(owner => $"{owner.Uid}/{owner.Controller}");

    private static bool SameEntries(IDictionary<string, string>? left, IDictionary<string, string>? right) =>
        (left?.Count ?? 0) == (right?.Count ?? 0)
        && (left is null || left.All(entry => right!.TryGetValue(entry.Key, out var value) && value == entry.Value));

    private static bool SameItems(IEnumerable<string>? left, IEnumerable<string>? right) =>
        (left ?? []).SequenceEqual(right ?? []);
}
