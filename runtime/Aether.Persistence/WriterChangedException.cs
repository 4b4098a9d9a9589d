namespace Aether.Persistence;

/// <summary>
/// A caller names a commit of another writer that this writer did not find when it took over: the commit may be lost,
/// and another commit may have its sequence.
/// </summary>
public sealed class WriterChangedException(Sequence sequence, Epoch acknowledgedUnder, Epoch own)
    : CommitRejectedException(
        $"Commit {sequence} was acknowledged under epoch {acknowledgedUnder}. This agent has epoch {own} and may not "
        + "have the commit. Read the keys that it changed.");
