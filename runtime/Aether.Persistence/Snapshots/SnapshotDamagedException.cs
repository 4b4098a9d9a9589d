namespace Aether.Persistence.Snapshots;

/// <summary>A snapshot is not what its writer stored. Recovery reports it and takes the one before.</summary>
/// <param name="reason">What is wrong with it.</param>
/// <param name="inner">The exception that revealed it.</param>
public sealed class SnapshotDamagedException(string reason, Exception? inner = null) : Exception(reason, inner);
