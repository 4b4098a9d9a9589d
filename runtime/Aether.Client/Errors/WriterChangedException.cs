namespace Aether.Client;

/// <summary>
/// Another agent has opened the world since, and has not found the commit: it may have been lost. Read what it changed
/// and decide again.
/// </summary>
public sealed class WriterChangedException(string message, Exception? inner) : WorldException(message, inner);
