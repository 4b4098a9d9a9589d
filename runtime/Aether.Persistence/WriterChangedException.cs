namespace Aether.Persistence;

/// <summary>
/// A commit of another writer was asked for that this one did not find when it took over: it may have been lost, and
/// another may stand at its sequence.
/// </summary>
public sealed class WriterChangedException(Sequence sequence, Epoch told, Epoch own)
    : CommitRejectedException(
        $"Commit {sequence} was acknowledged under epoch {told}. This agent has epoch {own} and may not hold it. "
        + "Read what it changed.");
