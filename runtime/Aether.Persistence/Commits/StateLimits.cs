using Aether.Persistence.State;

namespace Aether.Persistence.Commits;

/// <summary>
/// Refuses commits that let the state grow beyond its quota, or beyond the memory it may take: before an allocation
/// fails, and with the setting that helps. Commits that leave it as large as it is, or make it smaller, always pass.
/// </summary>
internal sealed class StateLimits(PersistenceOptions options)
{
    /// <summary>The setting of the quota, for people.</summary>
    public const string QuotaField = "spec.quota.stateBytes";

    /// <summary>The setting of the memory, for people.</summary>
    public const string MemoryField = "spec.agent.resources.limits.memory";

    // What a mutation may take in memory beside its encoded bytes: header and rounding of its record, slot and bucket.
    private const int OverheadBytes = 128;

    // Keys have to be deleted, or a limit raised: there is no use in asking again and again.
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    /// <summary>Judges a commit; under the pipeline's lock.</summary>
    /// <exception cref="OverloadedException">It would grow beyond a limit; nothing of it was applied.</exception>
    public void Check(WorldState world, CommitDraft draft)
    {
        var most = draft.Encoded.Length + (OverheadBytes * draft.Changes.Length);

        // Mostly there is room whatever the commit does, and nothing needs to be looked up.
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
