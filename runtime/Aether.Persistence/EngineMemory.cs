using System.Runtime.CompilerServices;

namespace Aether.Persistence;

/// <summary>
/// Allocates the buffers of the write path. Each growth first calls <see cref="BeforeGrowth"/>, so that a test can make
/// the n-th allocation fail (docs/testing.md). Growths are rare, so most commits never come here.
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

    /// <summary>An array with arbitrary content.</summary>
    public byte[] UninitializedBytes(int length)
    {
        BeforeGrowth();
        return GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>Makes room in a list, so that the next additions allocate nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureCapacity<T>(List<T> list, int capacity)
    {
        if (list.Capacity >= capacity)
            return;
        BeforeGrowth();
        list.EnsureCapacity(capacity);
    }

    /// <summary>Makes room in a queue, so that the next additions allocate nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureCapacity<T>(Queue<T> queue, int capacity)
    {
        if (queue.Capacity >= capacity)
            return;
        BeforeGrowth();
        queue.EnsureCapacity(capacity);
    }

    /// <summary>Makes room in a stack, so that the next additions allocate nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureCapacity<T>(Stack<T> stack, int capacity)
    {
        if (stack.Capacity >= capacity)
            return;
        BeforeGrowth();
        stack.EnsureCapacity(capacity);
    }
}
