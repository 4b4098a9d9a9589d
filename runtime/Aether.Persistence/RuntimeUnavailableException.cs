using Aether.Persistence.Contracts;

namespace Aether.Persistence;

/// <summary>
/// The runtime does not accept commits or reads in its present phase: it recovers, stops, or has failed.
/// </summary>
public sealed class RuntimeUnavailableException(RuntimePhase phase, Exception? inner = null)
    : Exception($"The world is not being served: the agent is {phase}.", inner)
{
    /// <summary>The phase of the agent.</summary>
    public RuntimePhase Phase { get; } = phase;

    /// <summary>A copy to throw: an exception thrown twice would carry the stack of the first throw.</summary>
    internal RuntimeUnavailableException Again() => new(Phase, InnerException);
}
