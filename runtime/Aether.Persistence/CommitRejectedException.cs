namespace Aether.Persistence;

/// <summary>
/// A commit was refused before anything of it was applied. One subclass per decision a caller can take.
/// </summary>
public abstract class CommitRejectedException(string message) : Exception(message);
