using k8s.Models;

namespace Aether.Operator.Kinds;

/// <summary>The observed state of a backend, as of <see cref="ObservedGeneration"/>.</summary>
internal sealed class PersistenceBackendStatus
{
    public long? ObservedGeneration { get; set; }

    public IList<V1Condition>? Conditions { get; set; }
}
