namespace Aether.Persistence.State;

/// <summary>
/// The idempotency keys of the latest commits, limited by number and by age. Age is computed from the times in the log,
/// so that a replay remembers the same keys as the writer did. Guarded by the same lock as <see cref="StateStore"/>.
/// </summary>
/// <remarks>
/// A ring of entries and a ring of the bytes of their keys, so that adding and forgetting keys leaves no garbage. Keys
/// are indexed only when a look-up needs them: a replay adds millions, and most are forgotten before it ends.
/// </remarks>
internal sealed class IdempotencyTable(int maxKeys, TimeSpan maxAge, EngineMemory? memory = null)
{
    // A full table forgets one key for each new one. The memory of a key is loaded this many keys before it is
    // forgotten.
    private const int ForgottenNext = 8;

    private readonly EngineMemory _memory = memory ?? EngineMemory.OfProcess;
    private readonly KeyIndex _index = new(memory);
    private readonly ByteRing _keys = new(memory ?? EngineMemory.OfProcess);
    private Remembered[] _ring = new Remembered[16];

    // These counters only increase, modulo 2^32; their last bits are the place in the ring.
    private uint _first;
    private uint _indexed;
    private uint _next;

    /// <summary>
    /// The last commit whose key was forgotten. A key that is not found may have been used by that commit or an earlier
    /// one, but not by a later one.
    /// </summary>
    public LogPlace Forgotten { get; private set; }

    /// <summary>Starts to load the memory that <see cref="Find"/> will read. Any thread may call this.</summary>
    public void Touch(uint hash) => _ = _index.Touch(hash);

    /// <summary>
    /// The commit that used <paramref name="key"/>, if the table still remembers it at <paramref name="now"/>.
    /// </summary>
    public IdempotencyEntry? Find(ReadOnlySpan<byte> key, uint hash, DateTimeOffset now)
    {
        Forget(now);
        for (; _indexed != _next; _indexed++)
            _index.Add(At(_indexed).KeyHash, NumberOf(_indexed));

        // The key occurs twice if another agent with a shorter age had forgotten its first use; the later use counts.
        IdempotencyEntry? found = null;
        for (var at = KeyIndex.Start(hash); _index.TryNext(hash, ref at, out var number);)
        {
            ref readonly var entry = ref At((uint)number);
            if (entry.Length == key.Length && _keys.Holds(entry.Place, key)
                && (found is null || found.Value.Sequence < entry.Sequence))
                found = entry.ToEntry(key.ToArray());
        }

        return found;
    }

    /// <summary>Grows if needed, so that adding a key of this length allocates nothing.</summary>
    public void Reserve(int keyLength)
    {
        if (_next - _first == _ring.Length && _ring.Length < maxKeys)
            Grow();
        _keys.Reserve(keyLength);
    }

    /// <summary>Remembers the commit that used <paramref name="key"/>.</summary>
    public void Add(
        ReadOnlySpan<byte> key,
        uint hash,
        UInt128 contentHash,
        Sequence sequence,
        Epoch epoch,
        DateTimeOffset committedAt)
    {
        Forget(committedAt);
        while (_next - _first >= maxKeys)
            ForgetOldest();
        if (_next - _first == _ring.Length)
            Grow();
        At(_next++) = new Remembered
        {
            ContentHash = contentHash,
            CommittedAt = committedAt,
            Sequence = sequence,
            Epoch = epoch,
            Place = _keys.Append(key),
            Length = key.Length,
            KeyHash = hash,
        };
    }

    /// <summary>Sets what was already forgotten when the snapshot was taken, for a table read from it.</summary>
    public void ForgetUpTo(LogPlace forgotten) => Forgotten = forgotten;

    /// <summary>All remembered keys, oldest first.</summary>
    public IdempotencyEntry[] Copy()
    {
        var entries = new IdempotencyEntry[_next - _first];
        if (entries.Length == 0)
            return entries;
        var start = At(_first).Place;
        var keys = _keys.CopyFrom(start);
        for (var i = 0; i < entries.Length; i++)
        {
            ref readonly var entry = ref At(_first + (uint)i);
            entries[i] = entry.ToEntry(keys.AsMemory((int)(entry.Place - start), entry.Length));
        }

        return entries;
    }

    // The number of an entry in the index; the ring is never so large that two entries share a number.
    private static int NumberOf(uint at) => (int)(at & int.MaxValue);

    private ref Remembered At(uint at) => ref _ring[at & (uint)(_ring.Length - 1)];

    private void Forget(DateTimeOffset now)
    {
        while (_first != _next && now - At(_first).CommittedAt > maxAge)
            ForgetOldest();
    }

    private void ForgetOldest()
    {
        ref readonly var oldest = ref At(_first);
        if (_next - _first > ForgottenNext)
            Touch(At(_first + ForgottenNext).KeyHash);
        if (_first == _indexed)
            _indexed++;
        else
            _index.Remove(oldest.KeyHash, NumberOf(_first));
        _keys.DropBefore(oldest.Place + oldest.Length);
        Forgotten = new LogPlace(oldest.Epoch, oldest.Sequence);
        _first++;
    }

    private void Grow()
    {
        var larger = _memory.Array<Remembered>(_ring.Length * 2);
        for (var at = _first; at != _next; at++)
            larger[at & (uint)(larger.Length - 1)] = At(at);
        _ring = larger;
    }

    private readonly struct Remembered
    {
        public required UInt128 ContentHash { get; init; }

        public required DateTimeOffset CommittedAt { get; init; }

        public required Sequence Sequence { get; init; }

        public required Epoch Epoch { get; init; }

        public required long Place { get; init; }

        public required int Length { get; init; }

        public required uint KeyHash { get; init; }

        public IdempotencyEntry ToEntry(ReadOnlyMemory<byte> key) =>
            new(key, ContentHash, Sequence, Epoch, CommittedAt);
    }
}
