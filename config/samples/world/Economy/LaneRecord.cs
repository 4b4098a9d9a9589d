using System.Buffers.Binary;
using System.IO.Hashing;

namespace Aether.Samples.World.Economy;

/// <summary>
/// The last trade of a lane, kept in the state and changed in the same commit as the two inventories. Its chain is a
/// hash over (serial, sequence) of every trade before it: whoever knows at which sequence each trade was acknowledged
/// can tell whether the state came about by exactly those.
/// </summary>
/// <param name="Serial">Number of the trade within its lane, from 1.</param>
/// <param name="Trades">How many trades the lane has made; equals <paramref name="Serial"/>.</param>
/// <param name="Chain">Hash over the trades before this one.</param>
internal sealed record LaneRecord(long Serial, long Trades, ulong Chain)
{
    /// <summary>A lane that has not traded.</summary>
    public static readonly LaneRecord None = new(0, 0, 0);

    /// <summary>
    /// The record of the next trade, this one having been acknowledged as <paramref name="sequence"/>.
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
