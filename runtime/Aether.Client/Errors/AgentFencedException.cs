namespace Aether.Client;

/// <summary>A newer agent has opened the world: this one, and the world beside it, must stop.</summary>
public sealed class AgentFencedException(string message, string fencedBy, Exception? inner)
    : WorldException(message, inner)
{
    /// <summary>Holder of the world now.</summary>
    public string FencedBy { get; } = fencedBy;
}
