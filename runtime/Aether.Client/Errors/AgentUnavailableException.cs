namespace Aether.Client;

/// <summary>
/// The agent did not answer or is not ready, and the retry policy is exhausted. A commit that ends with this exception
/// may or may not have been applied.
/// </summary>
public sealed class AgentUnavailableException(string message, Exception? inner) : WorldException(message, inner);
