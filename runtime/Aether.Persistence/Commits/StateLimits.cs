using Aether.Persistence.State;

namespace Aether.Persistence.Commits;

/// <summary>
/// Refuses commits that would let the state exceed its quota or its memory limit: before an allocation fails, and with
/// the name of the setting that helps. A commit that does not make the state larger is always accepted.
/// </summary>
internal sealed class StateLimits(PersistenceOptions options)
{
    /// <summary>The setting of the quota, for error messages.</summary>
    public const string QuotaField = "spec.quota.stateBytes";

    /// <summary>The setting of the memory, for error messages.</summary>
    public const string MemoryField = "spec.agent.resources.limits.memory";

    // What a mutation may take in memory beyond its encoded bytes: header and rounding of its record, slot and bucket.
    private const int OverheadBytes = 128;

    // Keys must be deleted, or a limit raised, so a quick retry would be pointless.
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    /// <summary>Checks a commit. The caller holds the queue's gate.</summary>
    /// <exception cref="OverloadedException">The state would exceed a limit; nothing was applied.</exception>
    public void Check(WorldState world, CommitDraft draft)
    {
        var most = draft.Encoded.Length + (OverheadBytes * draft.Changes.Length);

        // Usually there is room whatever the commit does, so no key needs to be looked up.
        if (world.MostBytes + most <= options.MaxStateBytes
            && world.MostMemoryBytes + most <= options.MaxStateMemoryBytes)
            return;

        var store = world.Store;
        var growth = store.GrowthOf(draft.Encoded, draft.Changes);
        if (growth <= 0)
            return;
        if (store.Bytes + growth > options.MaxStateBytes)
            throw OverloadedException.StateIsFull(
                QuotaField, options.MaxStateBytes, store.Bytes, growth, "holds", Retry);
        if (store.MemoryBytes + growth > options.MaxStateMemoryBytes)
            throw OverloadedException.StateIsFull(
                MemoryField, options.MaxStateMemoryBytes, store.MemoryBytes, growth, "takes in memory", Retry);
    }
}
