namespace Aether.Persistence.Wal;

/// <summary>Where in its segment a block begins.</summary>
/// <param name="First">Its first commit.</param>
/// <param name="Offset">Its first byte.</param>
internal readonly record struct BlockPosition(Sequence First, long Offset);
