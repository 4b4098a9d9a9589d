using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;

namespace Aether.Operator.Kinds;

/// <summary>How to reach one PostgreSQL, optionally with Redis and NATS, and which namespaces may use them.</summary>
[KubernetesEntity(Group = AetherNames.Group, ApiVersion = "v1alpha1", Kind = KindName, PluralName = Plural)]
internal sealed class PersistenceBackend
    : IKubernetesObject<V1ObjectMeta>, ISpec<PersistenceBackendSpec>, IStatus<PersistenceBackendStatus>
{
    public const string KindName = "PersistenceBackend";
    public const string Plural = "persistencebackends";
    public const string GroupVersion = AetherNames.Group + "/v1alpha1";

    public string ApiVersion { get; set; } = GroupVersion;

    public string Kind { get; set; } = KindName;

    public V1ObjectMeta Metadata { get; set; } = new();

    public PersistenceBackendSpec Spec { get; set => field = value ?? new(); } = new();

    public PersistenceBackendStatus Status { get; set => field = value ?? new(); } = new();
}
