namespace Aether.Persistence;

/// <summary>
/// A newer writer has opened the world: no write of this writer may take effect any more, and its agent must stop.
/// </summary>
public sealed class FencedException(Epoch own, Epoch current, string holder)
    : Exception($"Epoch {own} was fenced: '{holder}' opened the world with epoch {current}. This writer must stop.")
{
    /// <summary>Epoch of the writer that was refused.</summary>
    public Epoch Own { get; } = own;

    /// <summary>Epoch the store holds.</summary>
    public Epoch Current { get; } = current;

    /// <summary>Holder of the world now: a pod's name, or "unknown".</summary>
    public string Holder { get; } = holder;
}
