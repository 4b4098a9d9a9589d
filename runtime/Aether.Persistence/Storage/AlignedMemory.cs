using System.Runtime.InteropServices;

namespace Aether.Persistence.Storage;

/// <summary>Memory for O_DIRECT: it begins at a page, and the garbage collector never moves it.</summary>
internal static class AlignedMemory
{
    public const int PageBytes = 4096;

    /// <summary>Returns <paramref name="length"/> zeros.</summary>
    public static Memory<byte> Allocate(int length)
    {
        var bytes = GC.AllocateArray<byte>(length + PageBytes, pinned: true);
        var skip = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) & (PageBytes - 1));
        return bytes.AsMemory(skip, length);
    }

    public static unsafe bool IsAligned(byte* address) => ((nint)address & (PageBytes - 1)) == 0;
}
