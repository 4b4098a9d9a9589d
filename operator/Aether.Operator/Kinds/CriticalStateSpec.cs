using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>Kinds of state that need more than the world's default durability.</summary>
internal sealed class CriticalStateSpec
{
    [OneOf<CriticalPriority>]
    public IDictionary<string, string> Kinds { get; set => field = value ?? new Dictionary<string, string>(); } =
        new Dictionary<string, string>();
}
