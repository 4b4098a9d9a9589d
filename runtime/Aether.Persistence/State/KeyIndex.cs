using System.Runtime.CompilerServices;

namespace Aether.Persistence.State;

/// <summary>
/// Finds numbered entries by the hash of their key; whether it is the very key is for the owner of the entries to say.
/// It holds numbers only, which the garbage collector need not look at. Not thread-safe. (A hash table with linear
/// probing, and removal by moving up what follows: D. Knuth, TAOCP volume 3, 6.4, algorithms L and R.)
/// </summary>
internal sealed class KeyIndex(EngineMemory? memory = null)
{
    private const int HashShift = 32;

    // The hash in the upper half, the number of the entry plus one in the lower; 0 is a free bucket.
    private readonly EngineMemory _memory = memory ?? EngineMemory.OfProcess;
    private ulong[] _buckets = new ulong[16];

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of its memory.</summary>
    public long MemoryBytes => (long)_buckets.Length * sizeof(ulong);

    /// <summary>Where the search for a hash begins.</summary>
    public static uint Start(uint hash) => hash;

    /// <summary>
    /// Begins to read where the search for a hash begins (<see cref="CacheLine.Touch"/>). Any thread may call it.
    /// </summary>
    public int Touch(uint hash)
    {
        var buckets = _buckets;
        return CacheLine.Touch(ref buckets[hash & (uint)(buckets.Length - 1)]);
    }

    /// <summary>The next entry with that hash; false if there is none any more.</summary>
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

    /// <summary>Grows if need be, so that the next <paramref name="count"/> additions need no memory.</summary>
    public void Reserve(int count)
    {
        // Three of four buckets are in use at most, so that searches stay short.
        while (Count + count > _buckets.Length / 4 * 3)
            Grow();
    }

    /// <summary>Adds an entry that is not there yet.</summary>
    public void Add(uint hash, int entry)
    {
        Reserve(1);
        Count++;
        Insert(_buckets, ((ulong)hash << HashShift) | ((uint)entry + 1));
    }

    /// <summary>Takes an entry out; false if it is not there.</summary>
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

    // Moves up what was put behind the hole because the place of its hash was taken.
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
