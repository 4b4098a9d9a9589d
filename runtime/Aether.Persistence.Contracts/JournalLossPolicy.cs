namespace Aether.Persistence.Contracts;

/// <summary>What a world does while its journal, and with it its lease, cannot be reached.</summary>
public enum JournalLossPolicy
{
    /// <summary>
    /// Continues locally: Fsync is acknowledged, Replicated waits. If another writer takes over after the lease has
    /// expired, commits that only this volume holds have diverged: they are set aside, not merged.
    /// </summary>
    Continue = 1,

    /// <summary>Acknowledges nothing after the lease has expired, until it is renewed.</summary>
    Block = 2,
}
