namespace Aether.Client;

/// <summary>The whole state of a world as of one sequence. Enumerate <see cref="Entries"/> once.</summary>
/// <param name="Sequence">The last commit the state contains.</param>
/// <param name="Epoch">Epoch of the agent that serves it.</param>
/// <param name="Keys">Number of entries.</param>
/// <param name="Entries">The entries, ordered by kind and id.</param>
public sealed record WorldState(ulong Sequence, ulong Epoch, ulong Keys, IAsyncEnumerable<WorldEntry> Entries);
