namespace Aether.Persistence.Recovery;

/// <summary>A world cannot be recovered to a point because what leads there is not kept, or not there yet.</summary>
public sealed class PointNotKeptException(RecoveryTarget target, string reason)
    : Exception($"The world cannot be recovered to {target}: {reason}")
{
    /// <summary>The point asked for.</summary>
    public RecoveryTarget Target { get; } = target;
}
