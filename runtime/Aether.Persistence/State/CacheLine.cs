using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Aether.Persistence.State;

/// <summary>
/// Loads memory before it is needed. A look-up in a large table waits for memory about as long as everything else in a
/// commit takes; waits that start together end together.
/// </summary>
internal static class CacheLine
{
    /// <summary>Bytes that are loaded together.</summary>
    public const int Size = 64;

    /// <summary>
    /// Starts to load the memory at <paramref name="place"/>. If the processor has no instruction for that, the byte is
    /// read, and the processor does not wait for it either until the value is used. Add up the returned values and
    /// return the sum, so that the compiler cannot remove the read.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe int Touch<T>(ref readonly T place)
        where T : unmanaged
    {
        ref var bytes = ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in place));
        if (!Sse.IsSupported)
            return bytes;

        // The garbage collector may move the object before the load; then the load is useless but harmless.
        Sse.Prefetch0(Unsafe.AsPointer(ref bytes));
        return 0;
    }
}
