using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// Applies blocks to a world, and compares its digest with the digest that each block's writer recorded, so that no
/// error of a recovery goes unnoticed.
/// </summary>
internal sealed class Replayer(WorldState world)
{
    private readonly BlockBatch _single = new();

    /// <summary>The end of the last block; null before the first.</summary>
    public LogEnd? End { get; private set; }

    /// <summary>Applies the commits of <paramref name="block"/> after the world's position; returns how many.</summary>
    /// <exception cref="RecoveryException">
    /// The block is damaged, does not follow, or leads to another state.
    /// </exception>
    public ulong Replay(LogBlock block, string source)
    {
        _single.Clear();
        _single.Add(block, source);
        return Replay(_single, source);
    }

    /// <summary>
    /// As the other overload, but calls <paramref name="atSequence"/> when the world has reached
    /// <paramref name="sequence"/>, a commit of the block. The rest of the block is applied too, so that its digest
    /// proves the state at that commit.
    /// </summary>
    /// <exception cref="RecoveryException">
    /// The block is damaged, does not follow, or leads to another state.
    /// </exception>
    public void Replay(LogBlock block, string source, Sequence sequence, Action atSequence)
    {
        _single.Clear();
        _single.Add(block, source);
        CheckFollows(_single.Blocks[0].Header, source);
        Apply(_single, _single.Blocks[0], sequence);
        atSequence();
        Replay(_single, source);
    }

    /// <summary>Applies the commits in <paramref name="batch"/> after the world's position; returns how many.</summary>
    /// <exception cref="RecoveryException">A block does not follow, or leads to another state.</exception>
    public ulong Replay(BlockBatch batch, string source)
    {
        var before = world.Sequence;
        foreach (ref readonly var block in batch.Blocks)
        {
            CheckFollows(block.Header, source);
            Apply(batch, block, block.Header.Last);
            if (world.Store.Digest != block.Header.Digest)
                throw new RecoveryException(
                    $"After commit {world.Sequence} the state has digest {world.Store.Digest}, but its writer recorded "
                    + $"{block.Header.Digest} in the {source}. This is a defect, or a snapshot or block comes from "
                    + "elsewhere. Leave the volume and the stores as they are, and report it.");
            End = LogEnd.After(block.Header, block.Checksum);
        }

        return world.Sequence.Value - before.Value;
    }

    private void CheckFollows(in BlockHeader header, string source)
    {
        var reason = End?.WhyNot(header);
        if (End is null && header.First > world.Sequence.Next)
            reason = $"commit {world.Sequence.Next} was expected, but the block begins with {header.First}.";
        if (reason is not null)
            throw new RecoveryException(
                $"A block in the {source} does not follow what was recovered so far: {reason} Commits are missing. "
                + "Restore the snapshot or the blocks that hold them from a backup.");
    }

    private void Apply(BlockBatch batch, in DecodedBlock block, Sequence through)
    {
        var skipped = world.Sequence < block.Header.First
            ? 0
            : world.Sequence.Value - block.Header.First.Value + 1;
        var count = through.Value - block.Header.First.Value + 1;
        var change = block.FirstChange;
        var prefetched = change;
        for (ulong i = 0; i < count; i++)
        {
            if (change >= prefetched)
            {
                prefetched = Math.Min(change + StateStore.MaxPrefetched, batch.Changes.Length);
                world.Store.Prefetch(batch.Changes[change..prefetched]);
            }

            ref readonly var entry = ref batch.Entries[block.FirstEntry + (int)i];
            if (i >= skipped)
                world.Apply(batch.Bytes, entry, batch.Changes.Slice(change, entry.Changes), block.Header.Epoch);
            change += entry.Changes;
        }
    }
}
