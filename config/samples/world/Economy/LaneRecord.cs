using System.Buffers.Binary;
using System.IO.Hashing;

namespace Aether.Samples.World.Economy;

/// <summary>
/// The last trade of a lane, stored in the state and changed in the same commit as the two inventories. Its chain is a
/// hash over (serial, sequence) of every trade before it. So a ledger of acknowledged trades can prove that the state
/// is the result of exactly those trades.
/// </summary>
/// <param name="Serial">Number of the trade within its lane, from 1.</param>
/// <param name="Trades">Number of trades of the lane; equals <paramref name="Serial"/>.</param>
/// <param name="Chain">Hash over the trades before this one.</param>
internal sealed record LaneRecord(long Serial, long Trades, ulong Chain)
{
    /// <summary>The record of a lane without trades.</summary>
    public static readonly LaneRecord None = new(0, 0, 0);

    /// <summary>
    /// The record of the next trade, after this trade was acknowledged as <paramref name="sequence"/>.
    /// </summary>
    public LaneRecord Next(ulong sequence) => new(Serial + 1, Trades + 1, Link(Chain, Serial, sequence));

    /// <summary>The chain after one more trade.</summary>
    public static ulong Link(ulong chain, long serial, ulong sequence)
    {
        Span<byte> bytes = stackalloc byte[3 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, chain);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[sizeof(ulong)..], serial);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[(2 * sizeof(ulong))..], sequence);
        return XxHash64.HashToUInt64(bytes);
    }
}
