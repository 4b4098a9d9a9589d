using System.Runtime.CompilerServices;

namespace Aether.Persistence.State;

/// <summary>
/// Finds numbered entries by the hash of their key; the owner of the entries compares the keys. It holds only numbers,
/// which the garbage collector need not scan. Not thread-safe. (A hash table with linear probing, and removal by moving
/// up the entries that follow: D. Knuth, TAOCP volume 3, 6.4, algorithms L and R.)
/// </summary>
internal sealed class KeyIndex(EngineMemory? memory = null)
{
    private const int HashShift = 32;

    // The upper half is the hash, the lower half the number of the entry plus one; 0 is a free bucket.
    private readonly EngineMemory _memory = memory ?? EngineMemory.OfProcess;
    private ulong[] _buckets = new ulong[16];

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of its memory.</summary>
    public long MemoryBytes => (long)_buckets.Length * sizeof(ulong);

    /// <summary>Where the search for a hash starts.</summary>
    public static uint Start(uint hash) => hash;

    /// <summary>
    /// Starts to load the memory where the search for a hash starts (<see cref="CacheLine.Touch"/>). Any thread may
    /// call this.
    /// </summary>
    public int Touch(uint hash)
    {
        var buckets = _buckets;
        return CacheLine.Touch(ref buckets[hash & (uint)(buckets.Length - 1)]);
    }

    /// <summary>The next entry with that hash; false if there are no more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(uint hash, ref uint at, out int entry)
    {
        var buckets = _buckets;
        while (buckets[at++ & (uint)(buckets.Length - 1)] is var bucket and not 0)
        {
            if ((uint)(bucket >> HashShift) != hash)
                continue;
            entry = (int)((uint)bucket - 1);
            return true;
        }

        entry = -1;
        return false;
    }

    /// <summary>Grows if needed, so that the next <paramref name="count"/> additions allocate nothing.</summary>
    public void Reserve(int count)
    {
        // At most three of four buckets are in use, so that searches stay short.
        while (Count + count > _buckets.Length / 4 * 3)
            Grow();
    }

    /// <summary>Adds an entry that the index does not contain.</summary>
    public void Add(uint hash, int entry)
    {
        Reserve(1);
        Count++;
        Insert(_buckets, ((ulong)hash << HashShift) | ((uint)entry + 1));
    }

    /// <summary>Removes an entry; returns false if the index does not contain it.</summary>
    public bool Remove(uint hash, int entry)
    {
        var at = Start(hash);
        while (TryNext(hash, ref at, out var found))
        {
            if (found != entry)
                continue;
            Close((at - 1) & (uint)(_buckets.Length - 1));
            Count--;
            return true;
        }

        return false;
    }

    // Moves up the entries that were put after the hole because the place of their hash was taken.
    private void Close(uint hole)
    {
        var mask = (uint)(_buckets.Length - 1);
        for (var next = (hole + 1) & mask; _buckets[next] is var bucket and not 0; next = (next + 1) & mask)
        {
            var home = (uint)(bucket >> HashShift);
            if (((next - home) & mask) < ((next - hole) & mask))
                continue;
            _buckets[hole] = bucket;
            hole = next;
        }

        _buckets[hole] = 0;
    }

    private void Grow()
    {
        var larger = _memory.Array<ulong>(_buckets.Length * 2);
        foreach (var bucket in _buckets)
        {
            if (bucket != 0)
                Insert(larger, bucket);
        }

        _buckets = larger;
    }

    private static void Insert(ulong[] buckets, ulong bucket)
    {
        var mask = (uint)(buckets.Length - 1);
        var at = (uint)(bucket >> HashShift) & mask;
        while (buckets[at] != 0)
            at = (at + 1) & mask;
        buckets[at] = bucket;
    }
}
