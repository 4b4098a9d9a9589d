using Aether.Persistence.Journal;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>Where the messages of a journal's stream begin and end, and who wrote the last.</summary>
/// <param name="First">The first message kept.</param>
/// <param name="Last">The last message; 0 if there never was one. It is always kept.</param>
/// <param name="Writer">Epoch of who wrote the last message.</param>
/// <param name="Undisputed">Whether that writer wrote all messages back to the one that has the head.</param>
/// <param name="Head">Where the journal ends with it.</param>
internal sealed record JournalStreamEnd(ulong First, ulong Last, Epoch Writer, bool Undisputed, JournalHead Head);
