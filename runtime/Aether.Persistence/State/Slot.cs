namespace Aether.Persistence.State;

/// <summary>The entry of one key, except for its bytes, which are in a slab.</summary>
internal record struct Slot
{
    private const int Nowhere = -1;

    /// <summary>A slot without a key.</summary>
    public static readonly Slot Free = new() { Slab = Nowhere };

    /// <summary>The amount that the entry adds to the digest of the state.</summary>
    public UInt128 Hash { get; set; }

    /// <summary>The last commit that changed the key.</summary>
    public Sequence Version { get; set; }

    /// <summary>Number of the slab with its record.</summary>
    public int Slab { get; set; }

    /// <summary>Where the record begins in the slab.</summary>
    public int Offset { get; set; }

    /// <summary>Bytes of the encoded key.</summary>
    public int KeyLength { get; set; }

    /// <summary>Bytes of the value.</summary>
    public int ValueLength { get; set; }

    /// <summary>Hash of the encoded key.</summary>
    public uint KeyHash { get; set; }

    public readonly bool IsFree => Slab == Nowhere;

    /// <summary>Bytes of its record.</summary>
    public readonly int Size => SlabRecord.SizeOf(KeyLength, ValueLength);

    /// <summary>Its encoded key; <paramref name="slab"/> must be its slab.</summary>
    public readonly ReadOnlySpan<byte> KeyIn(byte[] slab) =>
        slab.AsSpan(Offset + SlabRecord.HeaderSize, KeyLength);

    /// <summary>Its value; <paramref name="slab"/> must be its slab.</summary>
    public readonly ReadOnlyMemory<byte> ValueIn(byte[] slab) =>
        slab.AsMemory(Offset + SlabRecord.HeaderSize + KeyLength, ValueLength);
}
