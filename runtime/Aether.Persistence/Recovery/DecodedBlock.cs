using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>A block of a <see cref="BlockBatch"/>.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Checksum">Its checksum.</param>
/// <param name="FirstEntry">Index of its first entry among the batch's entries.</param>
/// <param name="FirstChange">Index of its first change among the batch's changes.</param>
internal readonly record struct DecodedBlock(BlockHeader Header, uint Checksum, int FirstEntry, int FirstChange);
