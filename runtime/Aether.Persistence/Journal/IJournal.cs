using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Journal;

/// <summary>
/// The replicated log of one world: blocks in order, without a gap, each written under the epoch of its writer.
/// One shipper appends, and nothing reads through the same instance while it does, save <see cref="ReadHeadAsync"/>;
/// truncation may come at any time, and who reads through another instance meanwhile may find blocks gone.
/// All members throw <see cref="StoreUnavailableException"/> when the store does not answer.
/// </summary>
public interface IJournal
{
    /// <summary>
    /// Says that <paramref name="epoch"/> has opened the world, before its writer reads or writes here, so that lower
    /// ones are refused from then on. A store that reads the lease itself need not do anything.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch.</exception>
    Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Where the journal ends now. After truncation the head stays what it was.</summary>
    Task<JournalHead> ReadHeadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Hands over the state at the journal's end, once per opening and before the first append, for what a store keeps
    /// beside the blocks and brings up to date with each append. It is not told where that state is not known: such a
    /// store then leaves what it keeps as it is. Repeating it is safe.
    /// </summary>
    /// <param name="epoch">Epoch of the writer.</param>
    /// <param name="end">Where the journal ends.</param>
    /// <param name="state">All entries as of then, in no order; good until the task completes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FencedException">The store has seen a higher epoch; nothing was changed.</exception>
    Task ProjectAsync(
        Epoch epoch, Sequence end, IEnumerable<StateEntry> state, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>
    /// The blocks with a commit after <paramref name="after"/>, in order; the first may begin at or before it.
    /// </summary>
    IAsyncEnumerable<LogBlock> ReadAfterAsync(Sequence after, CancellationToken cancellationToken);

    /// <summary>
    /// Stores <paramref name="blocks"/> at the end, durably when the task completes. A block is stored whole or not at
    /// all; of an append that was interrupted the first blocks may be. Repeating an append whose outcome is unknown is
    /// safe: blocks the journal already ends with are skipped.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch; nothing was written.</exception>
    /// <exception cref="JournalGapException">
    /// The first block does not continue the journal; nothing was written.
    /// </exception>
    Task AppendAsync(Epoch epoch, IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken);

    /// <summary>
    /// Drops blocks whose last commit is at or before <paramref name="sequence"/>. It may keep the newest of them, so
    /// that what is left is without a gap; the next truncation comes to those it could not drop now.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch; nothing was dropped.</exception>
    Task TruncateThroughAsync(Epoch epoch, Sequence sequence, CancellationToken cancellationToken);
}
