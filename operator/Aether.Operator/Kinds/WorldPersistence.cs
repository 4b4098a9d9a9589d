using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;

namespace Aether.Operator.Kinds;

/// <summary>One persistent world: its desired and its observed state.</summary>
[KubernetesEntity(Group = AetherNames.Group, ApiVersion = "v1alpha1", Kind = KindName, PluralName = Plural)]
internal sealed class WorldPersistence
    : IKubernetesObject<V1ObjectMeta>, ISpec<WorldPersistenceSpec>, IStatus<WorldPersistenceStatus>
{
    public const string KindName = "WorldPersistence";
    public const string Plural = "worldpersistences";
    public const string GroupVersion = AetherNames.Group + "/v1alpha1";

    public string ApiVersion { get; set; } = GroupVersion;

    public string Kind { get; set; } = KindName;

    public V1ObjectMeta Metadata { get; set; } = new();

    public WorldPersistenceSpec Spec { get; set => field = value ?? new(); } = new();

    public WorldPersistenceStatus Status { get; set => field = value ?? new(); } = new();
}
