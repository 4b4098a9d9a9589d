namespace Aether.Persistence.Runtime;

/// <summary>What a write-ahead log takes of its volume, and what waits for it.</summary>
/// <param name="Segments">Files it consists of, without the one made ahead.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Room">Bytes that can be written before segments must go.</param>
/// <param name="Queued">Bytes of commits that wait for the disk, the block being written included.</param>
public sealed record LogUsage(int Segments, long Bytes, long Room, long Queued);
