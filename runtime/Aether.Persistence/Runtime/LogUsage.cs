namespace Aether.Persistence.Runtime;

/// <summary>How much of its volume a write-ahead log uses, and how much is queued for it.</summary>
/// <param name="Segments">Number of segments, without the spare.</param>
/// <param name="Bytes">Bytes of these segments.</param>
/// <param name="Room">Bytes that can still be written before segments must be dropped.</param>
/// <param name="Queued">Bytes of commits that are not synced yet, including the block being written.</param>
public sealed record LogUsage(int Segments, long Bytes, long Room, long Queued);
