using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>The request to drop a world's stores.</summary>
internal sealed class DeletionRequest
{
    public required WorldOwner Owner { get; init; }

    public required WorldNames Names { get; init; }

    public required BackendAccess Backend { get; init; }

    /// <summary>Optional stores that hold objects of the world.</summary>
    public IReadOnlyList<StoreName> Held { get; init; } = [];
}
