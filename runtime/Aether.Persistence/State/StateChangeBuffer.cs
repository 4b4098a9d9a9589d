using System.Runtime.InteropServices;
using Aether.Persistence.Codec;

namespace Aether.Persistence.State;

/// <summary>
/// Buffers the changes of commits until the state is next read or the buffer is full, and then applies them together.
/// Applied one by one, each change would wait for memory; together, their waits overlap. Not thread-safe.
/// </summary>
/// <remarks>
/// A commit whose changes are in the buffer counts as applied. Therefore all the memory that they will need in the
/// state is allocated before they are added (<see cref="Reserve"/>), so that adding and applying them cannot fail for
/// lack of memory.
/// </remarks>
internal sealed class StateChangeBuffer(StateStore store, EngineMemory memory)
{
    // As many as stay in the cache until they are applied, and so few that the commit or reader that applies them does
    // not notice.
    private const int MaxChanges = 32;
    private const int MaxBytes = 64 << 10;

    private readonly List<StateChange> _changes = [];
    private readonly List<Sequence> _versions = [];
    private ByteWriter _bytes = new(1024, memory);
    private StateRoom _room;  // room for _changes
    private StateRoom _next;  // that room, plus the room for the changes reserved last
    private bool _applyNext;

    public bool IsEmpty => _changes.Count == 0;

    /// <summary>An upper bound of the bytes by which the changes let the state grow.</summary>
    public int Bytes => _bytes.Length;

    /// <summary>An upper bound of the bytes by which its memory grows, without slots and buckets.</summary>
    public long MemoryBytes => _room.Bytes;

    private bool IsFull => _changes.Count >= MaxChanges || _bytes.Length >= MaxBytes;

    /// <summary>
    /// Reserves room for the changes of the next commit, in the buffer and in the state. If this throws, nothing has
    /// changed.
    /// </summary>
    /// <param name="source">The bytes that hold the changes.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="applyAtOnce">Whether they are applied without delay; must be true if one of them is large.</param>
    public void Reserve(ReadOnlySpan<byte> source, ReadOnlySpan<StateChange> changes, bool applyAtOnce)
    {
        _applyNext = applyAtOnce;
        if (IsEmpty && _bytes.Capacity > 2 * MaxBytes && source.Length <= MaxBytes)
            _bytes = new ByteWriter(1024, memory);
        _bytes.EnsureRoom(source.Length);
        memory.EnsureCapacity(_changes, _changes.Count + changes.Length);
        memory.EnsureCapacity(_versions, _versions.Count + changes.Length);
        _next = store.Reserve(source, changes, _room);
    }

    /// <summary>
    /// Adds a copy of the changes of the next commit, whose bytes are in <paramref name="source"/> and for which
    /// <see cref="Reserve"/> was called last. Allocates nothing.
    /// </summary>
    public void Add(ReadOnlySpan<byte> source, ReadOnlySpan<StateChange> changes, Sequence version)
    {
        var start = _bytes.Length;
        _bytes.Raw(source);
        foreach (ref readonly var change in changes)
        {
            _changes.Add(change.MovedBy(start));
            _versions.Add(version);
        }

        _room = _next;
        if (_applyNext || IsFull)
            Apply();
    }

    /// <summary>Applies all changes in their order, and empties the buffer.</summary>
    public void Apply()
    {
        var changes = CollectionsMarshal.AsSpan(_changes);
        store.Prefetch(changes);
        for (var i = 0; i < changes.Length; i++)
            store.ApplyReserved(_bytes.Span, changes[i], _versions[i]);
        _changes.Clear();
        _versions.Clear();
        _bytes.Clear();
        _room = default;
        store.Tidy();
    }
}
