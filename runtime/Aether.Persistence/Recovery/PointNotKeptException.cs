namespace Aether.Persistence.Recovery;

/// <summary>
/// A world cannot be recovered to a point because the data for it is no longer kept or does not exist yet.
/// </summary>
public sealed class PointNotKeptException(RecoveryTarget target, string reason)
    : Exception($"The world cannot be recovered to {target}: {reason}")
{
    /// <summary>The requested point.</summary>
    public RecoveryTarget Target { get; } = target;
}
