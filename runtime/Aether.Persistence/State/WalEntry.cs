namespace Aether.Persistence.State;

/// <summary>
/// One commit as the log holds it. Its sequence is not stored, because blocks are dense. Layout (docs/formats/wal.md):
/// committed at i64; idempotency key text (empty: none) and, if there is one, its content hash u128; mutation count
/// u16; for each mutation: kind of change u8, key's kind and id as texts, and for a put the value.
/// </summary>
/// <param name="CommittedAt">Its time.</param>
/// <param name="KeyStart">Where its idempotency key begins in the bytes of the commit.</param>
/// <param name="KeyLength">Bytes of the idempotency key; 0 if it has none.</param>
/// <param name="KeyHash">Hash of the idempotency key (<see cref="State.EncodedKey.Hash"/>).</param>
/// <param name="ContentHash">Hash of the content that two commits with one idempotency key must share.</param>
/// <param name="Changes">Number of its changes.</param>
internal readonly record struct WalEntry(
    DateTimeOffset CommittedAt, int KeyStart, int KeyLength, uint KeyHash, UInt128 ContentHash, int Changes)
{
    public const byte PutMark = 1;
    public const byte DeleteMark = 2;

    /// <summary>Its idempotency key, in UTF-8.</summary>
    public ReadOnlySpan<byte> KeyIn(ReadOnlySpan<byte> source) => source.Slice(KeyStart, KeyLength);
}
