using Aether.Persistence.Journal;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>Where the messages of a journal's stream begin and end, and who wrote the last.</summary>
/// <param name="First">The first message kept.</param>
/// <param name="Last">The last message that was counted, which the next one follows; 0 if there never was one.</param>
/// <param name="Kept">The last message that is there: those after it were too much, and were taken out again.</param>
/// <param name="Writer">Epoch of who wrote the last message that is there.</param>
/// <param name="Undisputed">Whether that writer wrote all messages back to the one that has the head.</param>
/// <param name="Head">Where the journal ends with it.</param>
internal sealed record JournalStreamEnd(
    ulong First, ulong Last, ulong Kept, Epoch Writer, bool Undisputed, JournalHead Head)
{
    /// <summary>
    /// Message id of the last message, which is this writer's own; null: the next message is fenced by the sequence.
    /// </summary>
    public string? LastId { get; init; }

    /// <summary>What the next message expects.</summary>
    public StreamFence Fence => new(Last, LastId);

    /// <summary>The end behind messages of this writer that leave the journal's head where it is.</summary>
    public JournalStreamEnd MovedTo(StreamFence fence) =>
        this with { Last = fence.Sequence, Kept = fence.Sequence, LastId = fence.MessageId };
}
