namespace Aether.Persistence.State;

/// <summary>A large array that holds the records of many keys, so that one object replaces thousands.</summary>
internal sealed class Slab(byte[] bytes)
{
    /// <summary>The records, one after the other.</summary>
    public byte[] Bytes => bytes;

    /// <summary>Its number in the heap, while the heap contains it.</summary>
    public int Number { get; set; }

    /// <summary>Where the next record goes.</summary>
    public int Used { get; set; }

    /// <summary>Bytes of the records that are still the newest of their keys.</summary>
    public int Live { get; set; }

    /// <summary>Captures refer to the records before this offset, which therefore must not change.</summary>
    public int Shared { get; set; }

    /// <summary>Whether it is in the list of slabs to be emptied.</summary>
    public bool IsSparse { get; set; }

    /// <summary>The next slab in that list, which needs no memory of its own.</summary>
    public Slab? NextSparse { get; set; }

    /// <summary>Number of free bytes.</summary>
    public int Free => bytes.Length - Used;
}
