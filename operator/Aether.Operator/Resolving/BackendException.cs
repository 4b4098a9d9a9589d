using Aether.Operator.Kinds;

namespace Aether.Operator.Resolving;

/// <summary>
/// A world cannot use its backend or get its Secret. The message goes into a condition, so it contains no password.
/// </summary>
internal sealed class BackendException(WorldReason reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Reason of the condition Ready.</summary>
    public WorldReason Reason { get; } = reason;
}
