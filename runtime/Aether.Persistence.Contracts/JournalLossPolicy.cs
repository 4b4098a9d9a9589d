namespace Aether.Persistence.Contracts;

/// <summary>What a world does while its journal, and with it its lease, cannot be reached.</summary>
public enum JournalLossPolicy
{
    /// <summary>
    /// Goes on locally: Fsync is acknowledged, Replicated waits. Should another writer take over once the lease ran
    /// out, what only this volume holds has diverged: kept aside, not merged.
    /// </summary>
    Continue = 1,

    /// <summary>Acknowledges nothing once the lease has run out, until it is renewed.</summary>
    Block = 2,
}
