namespace Aether.Client;

/// <summary>A store, or the log, that a world depends on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Healthy">Whether its last use succeeded.</param>
/// <param name="Message">Its last error; empty if there is none.</param>
public sealed record AgentBackend(string Name, bool Healthy, string Message);
