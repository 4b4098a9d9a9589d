namespace Aether.TestServers.Processes;

/// <summary>A process ended, or did not print an expected line in time.</summary>
public sealed class ProcessExitedException(string message) : Exception(message);
