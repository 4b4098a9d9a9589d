namespace Aether.Persistence.Snapshots;

/// <summary>A snapshot is not what its writer stored. Recovery reports it and takes the one before.</summary>
internal sealed class SnapshotDamagedException(string reason, Exception? inner = null) : Exception(reason, inner);
