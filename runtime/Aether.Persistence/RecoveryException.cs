namespace Aether.Persistence;

/// <summary>
/// Snapshot, journal and log do not add up to a state that matches its digest. The agent does not serve the world.
/// </summary>
public sealed class RecoveryException(string message, Exception? inner = null) : Exception(message, inner);
