namespace Aether.Persistence;

/// <summary>
/// The commit was refused before any of it was applied. There is one subclass per decision that a caller can take.
/// </summary>
public abstract class CommitRejectedException(string message) : Exception(message);
