using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>A block of a <see cref="BlockBatch"/>.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Checksum">Its checksum.</param>
/// <param name="FirstEntry">Where among the batch's entries its own begin.</param>
/// <param name="FirstChange">Where among the batch's changes its own begin.</param>
internal readonly record struct DecodedBlock(BlockHeader Header, uint Checksum, int FirstEntry, int FirstChange);
