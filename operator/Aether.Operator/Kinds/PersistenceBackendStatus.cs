using k8s.Models;

namespace Aether.Operator.Kinds;

/// <summary>How a backend is, as of <see cref="ObservedGeneration"/>.</summary>
internal sealed class PersistenceBackendStatus
{
    public long? ObservedGeneration { get; set; }

    public IList<V1Condition>? Conditions { get; set; }
}
