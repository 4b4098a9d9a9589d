using Aether.Persistence.Contracts;

namespace Aether.Persistence;

/// <summary>The commit asks for a durability this world cannot give, whatever happens.</summary>
public sealed class DurabilityUnavailableException(Durability asked, Durability strongest, string reason)
    : CommitRejectedException($"Durability {asked} was asked for, the strongest here is {strongest}: {reason}")
{
    /// <summary>The level asked for.</summary>
    public Durability Asked { get; } = asked;

    /// <summary>The strongest level this world has.</summary>
    public Durability Strongest { get; } = strongest;
}
