namespace Aether.TestServers.Processes;

/// <summary>A process ended, or stayed silent, when it should have run or spoken.</summary>
public sealed class ProcessExitedException(string message) : Exception(message);
