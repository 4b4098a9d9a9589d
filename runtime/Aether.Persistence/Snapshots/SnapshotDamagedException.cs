namespace Aether.Persistence.Snapshots;

/// <summary>
/// A snapshot differs from what its writer stored. Recovery reports it and uses the snapshot before it.
/// </summary>
/// <param name="reason">What is wrong.</param>
/// <param name="inner">The exception that revealed it.</param>
public sealed class SnapshotDamagedException(string reason, Exception? inner = null) : Exception(reason, inner);
