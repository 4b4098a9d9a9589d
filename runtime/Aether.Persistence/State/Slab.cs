namespace Aether.Persistence.State;

/// <summary>A large array that holds the records of many keys: one object where there were thousands.</summary>
internal sealed class Slab(byte[] bytes)
{
    /// <summary>The records, one behind the other.</summary>
    public byte[] Bytes => bytes;

    /// <summary>Its number in the heap, while it is part of that.</summary>
    public int Number { get; set; }

    /// <summary>Where the next record goes.</summary>
    public int Used { get; set; }

    /// <summary>Bytes of the records that are still the newest of their key.</summary>
    public int Live { get; set; }

    /// <summary>Up to here captures refer to the records, which must not change any more.</summary>
    public int Shared { get; set; }

    /// <summary>Whether it waits to be emptied.</summary>
    public bool IsSparse { get; set; }

    /// <summary>The slab that is emptied after it: a list that needs no memory of its own.</summary>
    public Slab? NextSparse { get; set; }

    /// <summary>Bytes that are free.</summary>
    public int Free => bytes.Length - Used;
}
