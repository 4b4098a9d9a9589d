namespace Aether.Client;

/// <summary>
/// Another agent has opened the world since, and has not found the commit, which may be lost. Read the keys that it
/// changed and decide again.
/// </summary>
public sealed class WriterChangedException(string message, Exception? inner) : WorldException(message, inner);
