using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Journal;

/// <summary>
/// The replicated log of one world: blocks in order, without a gap, each written under the epoch of its writer. One
/// shipper appends. While it does, nothing else uses the same instance, except <see cref="ReadHeadAsync"/>. Truncation
/// may happen at any time, so a reader with another instance may find that blocks are gone. All members throw
/// <see cref="StoreUnavailableException"/> if the store does not answer.
/// </summary>
public interface IJournal
{
    /// <summary>
    /// Announces that <paramref name="epoch"/> has opened the world, before its writer reads or writes here, so that
    /// the store refuses lower epochs from then on. A store that reads the lease itself need not do anything.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch.</exception>
    Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Where the journal ends now. Truncation does not change it.</summary>
    Task<JournalHead> ReadHeadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Hands over the state at the journal's end, once per opening and before the first append, for a store that keeps
    /// derived data and updates it with each append. Not called if that state is unknown: such a store then leaves its
    /// derived data as it is. Repeating the call is safe.
    /// </summary>
    /// <param name="epoch">Epoch of the writer.</param>
    /// <param name="end">Where the journal ends.</param>
    /// <param name="state">All entries as of the journal's end, in no order; valid until the task completes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="FencedException">The store has seen a higher epoch; nothing was changed.</exception>
    Task ProjectAsync(
        Epoch epoch, Sequence end, IEnumerable<StateEntry> state, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>
    /// The blocks with a commit after <paramref name="after"/>, in order. The first block may begin at or before it.
    /// </summary>
    IAsyncEnumerable<LogBlock> ReadAfterAsync(Sequence after, CancellationToken cancellationToken);

    /// <summary>
    /// Stores <paramref name="blocks"/> at the end, durably when the task completes. Each block is stored entirely or
    /// not at all; an interrupted append may have stored only the first blocks. Repeating an append with an unknown
    /// outcome is safe: blocks that the journal already ends with are skipped.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch; nothing was written.</exception>
    /// <exception cref="JournalGapException">
    /// The first block does not continue the journal; nothing was written.
    /// </exception>
    Task AppendAsync(Epoch epoch, IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken);

    /// <summary>
    /// Drops blocks whose last commit is at or before <paramref name="sequence"/>. The store may keep the newest of
    /// them so that no gap appears; the next truncation drops what remains.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch; nothing was dropped.</exception>
    Task TruncateThroughAsync(Epoch epoch, Sequence sequence, CancellationToken cancellationToken);
}
