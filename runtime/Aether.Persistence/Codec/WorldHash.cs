using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Aether.Persistence.Codec;

/// <summary>The name of a world in the formats: XxHash128 of the UTF-16 of its identity.</summary>
internal static class WorldHash
{
    public const int Size = 16;

    public static UInt128 Of(string worldId) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(worldId.AsSpan()));
}
