using Aether.Persistence.Contracts;

namespace Aether.Persistence;

/// <summary>The commit asks for a durability that this world never offers.</summary>
public sealed class DurabilityUnavailableException(Durability asked, Durability strongest, string reason)
    : CommitRejectedException(
        $"Durability {asked} was requested, but the strongest durability of this world is {strongest}: {reason}")
{
    /// <summary>The requested level.</summary>
    public Durability Asked { get; } = asked;

    /// <summary>The strongest level this world has.</summary>
    public Durability Strongest { get; } = strongest;
}
