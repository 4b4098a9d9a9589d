namespace Aether.Client;

/// <summary>The agent took nothing of what was sent to it for too long.</summary>
internal sealed class SilentAgentException() : IOException("The agent took nothing of what was sent to it.");
