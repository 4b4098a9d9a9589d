using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Resolving;

/// <summary>
/// The part of all backends and worlds that an operator manages, selected by a label. A world and its backend belong to
/// the same shard, so that no two operators act on one backend.
/// </summary>
internal sealed class Shard(OperatorOptions options)
{
    /// <summary>Selects the objects of the shard, in the API server's notation.</summary>
    public static string Selector(string name) =>
        name.Length == 0 ? $"!{OperatorNames.ShardLabel}" : $"{OperatorNames.ShardLabel}={name}";

    /// <summary>Name of the shard's lease.</summary>
    public static string Lease(string name) =>
        name.Length == 0 ? OperatorNames.Operator : $"{OperatorNames.Operator}-{name}";

    /// <summary>Requires that a backend belongs to the shard.</summary>
    /// <exception cref="BackendException">It belongs to another one.</exception>
    public void Require(IMetadata<V1ObjectMeta> backend)
    {
        var label = backend.Metadata.Labels?.TryGetValue(OperatorNames.ShardLabel, out var value) == true ? value : "";
        if (label != options.Shard)
            throw new BackendException(WorldReason.OtherShard,
                $"PersistenceBackend '{backend.Metadata.Name}' belongs to {Describe(label)}, and this world to "
                + $"{Describe(options.Shard)}: give both the same label {OperatorNames.ShardLabel}.");
    }

    private static string Describe(string name) => name.Length == 0 ? "no shard" : $"shard '{name}'";
}
