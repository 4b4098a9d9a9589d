using Aether.Persistence.Journal;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>First and last message of a journal's stream, and the writer of the last.</summary>
/// <param name="First">The first message kept.</param>
/// <param name="Last">
/// The last message that was counted, which the next one follows; 0 if there never was a message.
/// </param>
/// <param name="Kept">The last message that exists; later ones exceeded a limit and were removed again.</param>
/// <param name="Writer">Epoch of the writer of the last existing message.</param>
/// <param name="Undisputed">Whether that writer wrote all messages from the one with the head on.</param>
/// <param name="Head">The journal's end after the last message.</param>
internal sealed record JournalStreamEnd(
    ulong First, ulong Last, ulong Kept, Epoch Writer, bool Undisputed, JournalHead Head)
{
    /// <summary>
    /// Id of the last message, if this writer wrote it; null: the next message is fenced by the sequence.
    /// </summary>
    public string? LastId { get; init; }

    /// <summary>The condition for the next message.</summary>
    public StreamFence Fence => new(Last, LastId);

    /// <summary>The end after messages of this writer that do not move the journal's end.</summary>
    public JournalStreamEnd MovedTo(StreamFence fence) =>
        this with { Last = fence.Sequence, Kept = fence.Sequence, LastId = fence.MessageId };
}
