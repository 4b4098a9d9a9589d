namespace Aether.Client;

/// <summary>The agent has accepted no bytes for too long.</summary>
internal sealed class SilentAgentException() : IOException("The agent accepted no bytes.");
