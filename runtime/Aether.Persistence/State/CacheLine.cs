using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Aether.Persistence.State;

/// <summary>
/// Asks for memory before it is needed. A look-up in a large table waits for memory, about as long as all else a commit
/// costs; waits that were begun together are over together.
/// </summary>
internal static class CacheLine
{
    /// <summary>Bytes that come together.</summary>
    public const int Size = 64;

    /// <summary>
    /// Begins to read what stands at <paramref name="place"/>. Where there is no instruction for that it is read, which
    /// the processor does not wait for either until the value is used: add what is returned up and return the sum, so
    /// that the compiler cannot leave the read out.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe int Touch<T>(ref readonly T place)
        where T : unmanaged
    {
        ref var bytes = ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in place));
        if (!Sse.IsSupported)
            return bytes;

        // The object may be moved before the processor comes to it: then the read was for nothing, and no harm is done.
        Sse.Prefetch0(Unsafe.AsPointer(ref bytes));
        return 0;
    }
}
