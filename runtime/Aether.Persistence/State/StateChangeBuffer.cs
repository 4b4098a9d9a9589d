using System.Runtime.InteropServices;
using Aether.Persistence.Codec;

namespace Aether.Persistence.State;

/// <summary>
/// Buffers the changes of commits until the state is next read, or the buffer is full, and then applies them
/// together. Applied one by one, each would wait for memory by itself; together their waits overlap. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// A commit whose changes are in the buffer counts as applied. So all the memory that they will need in the state is
/// allocated before they are added (<see cref="Reserve"/>); to add and to apply them cannot fail for want of it.
/// </remarks>
internal sealed class StateChangeBuffer(StateStore store, EngineMemory memory)
{
    // As many as stay in the cache until it is their turn, and few enough that the commit which applies them, or the
    // reader, does not notice.
    private const int MaxChanges = 32;
    private const int MaxBytes = 64 << 10;

    private readonly List<StateChange> _changes = [];
    private readonly List<Sequence> _versions = [];
    private ByteWriter _bytes = new(1024, memory);
    private StateRoom _room;  // for all of _changes
    private StateRoom _next;  // and for the changes reserved last, if they are added
    private bool _applyNext;

    public bool IsEmpty => _changes.Count == 0;

    /// <summary>By how many bytes at most they let the state grow.</summary>
    public int Bytes => _bytes.Length;

    /// <summary>By how many bytes at most they let its memory grow, save for slots and buckets.</summary>
    public long MemoryBytes => _room.Bytes;

    private bool IsFull => _changes.Count >= MaxChanges || _bytes.Length >= MaxBytes;

    /// <summary>
    /// Reserves room for the changes of the next commit, in the buffer and in the state. If this throws, nothing has
    /// changed.
    /// </summary>
    /// <param name="source">The bytes that hold the changes.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="applyAtOnce">Whether they are not delayed; must be true if one is large.</param>
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
    /// Adds the changes of the next commit, which stand in <paramref name="source"/> and for which room was made last;
    /// copies them. Allocates nothing.
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

    /// <summary>Applies them all in their order, and forgets them.</summary>
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
