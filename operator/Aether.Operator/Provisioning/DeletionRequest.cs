using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>Which world's stores to drop, and where they are.</summary>
internal sealed class DeletionRequest
{
    public required WorldOwner Owner { get; init; }

    public required WorldNames Names { get; init; }

    public required BackendAccess Backend { get; init; }

    /// <summary>Optional stores in which something was made for the world.</summary>
    public IReadOnlyList<StoreName> Held { get; init; } = [];
}
