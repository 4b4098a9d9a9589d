using System.Runtime.CompilerServices;

namespace Aether.Persistence;

/// <summary>
/// Where the buffers of the write path get their memory. Each growth asks here first, so that a test can let the n-th
/// one fail as an allocation does (docs/testing.md). Growths are rare: nothing of this is on the way of most commits.
/// </summary>
internal class EngineMemory
{
    /// <summary>The memory of the process.</summary>
    public static readonly EngineMemory OfProcess = new();

    /// <summary>Called before memory is allocated; a test throws <see cref="OutOfMemoryException"/> here.</summary>
    public virtual void BeforeGrowth()
    {
    }

    /// <summary>An array of default values.</summary>
    public T[] Array<T>(int length)
    {
        BeforeGrowth();
        return new T[length];
    }

    /// <summary>An array whose content is whatever was there.</summary>
    public byte[] UninitializedBytes(int length)
    {
        BeforeGrowth();
        return GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>Room in a list, so that the next additions allocate nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureCapacity<T>(List<T> list, int capacity)
    {
        if (list.Capacity >= capacity)
            return;
        BeforeGrowth();
        list.EnsureCapacity(capacity);
    }

    /// <summary>Room in a queue, so that the next additions allocate nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureCapacity<T>(Queue<T> queue, int capacity)
    {
        if (queue.Capacity >= capacity)
            return;
        BeforeGrowth();
        queue.EnsureCapacity(capacity);
    }

    /// <summary>Room in a stack, so that the next additions allocate nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureCapacity<T>(Stack<T> stack, int capacity)
    {
        if (stack.Capacity >= capacity)
            return;
        BeforeGrowth();
        stack.EnsureCapacity(capacity);
    }
}
