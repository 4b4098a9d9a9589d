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
    ulong First, ulong Last, ulong Kept, Epoch Writer, bool Undisputed, JournalHead Head);
