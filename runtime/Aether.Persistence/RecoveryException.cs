namespace Aether.Persistence;

/// <summary>Snapshot, journal and log do not make up a state that proves itself. The agent does not serve it.</summary>
public sealed class RecoveryException(string message, Exception? inner = null) : Exception(message, inner);
