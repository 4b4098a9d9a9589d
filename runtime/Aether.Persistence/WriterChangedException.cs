namespace Aether.Persistence;

/// <summary>
/// A commit of another writer was asked for that this one did not find when it took over: it may have been lost, and
/// another may stand at its sequence.
/// </summary>
public sealed class WriterChangedException(Sequence sequence, Epoch told, Epoch own)
    : CommitRejectedException(
        $"Commit {sequence} was told under epoch {told}; this agent, under epoch {own}, cannot say that it has it. "
        + "Read what it changed.");
