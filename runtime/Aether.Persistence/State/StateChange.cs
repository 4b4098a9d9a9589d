namespace Aether.Persistence.State;

/// <summary>
/// One change of a commit, ready to be applied: where in the bytes of its block or chunk its parts are.
/// </summary>
internal readonly record struct StateChange
{
    private const int Removal = -1;

    private readonly int _valueLength;

    private StateChange(int keyStart, int keyLength, int valueLength, uint keyHash, UInt128 hash)
    {
        KeyStart = keyStart;
        KeyLength = keyLength;
        KeyHash = keyHash;
        Hash = hash;
        _valueLength = valueLength;
    }

    /// <summary>Where its encoded key begins (<see cref="EncodedKey"/>).</summary>
    public int KeyStart { get; }

    /// <summary>Bytes of the encoded key. The value follows it, after a u32 length.</summary>
    public int KeyLength { get; }

    /// <summary>Hash of the encoded key.</summary>
    public uint KeyHash { get; }

    /// <summary>Bytes of its record in memory; meaningless for a removal.</summary>
    public int RecordSize => SlabRecord.SizeOf(KeyLength, _valueLength);

    /// <summary>Hash of key and value (<see cref="EntryHash"/>); meaningless for a removal.</summary>
    public UInt128 Hash { get; }

    /// <summary>Whether the key is removed.</summary>
    public bool IsRemoval => _valueLength == Removal;

    /// <summary>
    /// Sets the key at <paramref name="start"/> of <paramref name="source"/> to the value that follows it.
    /// </summary>
    public static StateChange Put(ReadOnlySpan<byte> source, int start, int keyLength, int valueLength)
    {
        var encoded = source.Slice(start, keyLength + sizeof(uint) + valueLength);
        return new StateChange(
            start, keyLength, valueLength, EncodedKey.Hash(encoded[..keyLength]), EntryHash.OfContent(encoded));
    }

    /// <summary>Removes the key at <paramref name="start"/> of <paramref name="source"/>.</summary>
    public static StateChange Remove(ReadOnlySpan<byte> source, int start, int keyLength)
    {
        var key = source.Slice(start, keyLength);
        return new StateChange(start, keyLength, Removal, EncodedKey.Hash(key), EntryHash.OfContent(key));
    }

    /// <summary>The same change, after its bytes have moved by <paramref name="offset"/>.</summary>
    public StateChange MovedBy(int offset) => new(KeyStart + offset, KeyLength, _valueLength, KeyHash, Hash);

    /// <summary>Its encoded key.</summary>
    public ReadOnlySpan<byte> KeyIn(ReadOnlySpan<byte> source) => source.Slice(KeyStart, KeyLength);

    /// <summary>The new value.</summary>
    public ReadOnlySpan<byte> ValueIn(ReadOnlySpan<byte> source) =>
        source.Slice(KeyStart + KeyLength + sizeof(uint), _valueLength);
}
