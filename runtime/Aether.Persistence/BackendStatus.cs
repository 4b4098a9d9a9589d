namespace Aether.Persistence;

/// <summary>Whether a store, or the log, that a world depends on is available.</summary>
/// <param name="Name">"wal", "lease", "journal" or "snapshots".</param>
/// <param name="Healthy">Whether its last use succeeded.</param>
/// <param name="Message">The last error while it is not healthy, else empty.</param>
public sealed record BackendStatus(string Name, bool Healthy, string Message);
