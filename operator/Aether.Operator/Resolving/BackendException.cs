using Aether.Operator.Kinds;

namespace Aether.Operator.Resolving;

/// <summary>A world cannot use its backend, or get its Secret. The message, a condition's, holds no password.</summary>
internal sealed class BackendException(string reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>One of <see cref="WorldReasons"/> or of the stores' reasons.</summary>
    public string Reason { get; } = reason;
}
