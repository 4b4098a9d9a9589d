namespace Aether.Client;

/// <summary>One of the things that a world rests on.</summary>
/// <param name="Name">Which one.</param>
/// <param name="Healthy">Whether it works.</param>
/// <param name="Message">Its last error; empty if there is none.</param>
public sealed record AgentBackend(string Name, bool Healthy, string Message);
