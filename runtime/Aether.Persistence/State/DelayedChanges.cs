using System.Runtime.InteropServices;
using Aether.Persistence.Wal;

namespace Aether.Persistence.State;

/// <summary>
/// Changes of commits that were made, on their way into a state nobody has looked at since. Applied one by one each
/// would wait for memory by itself; together their waits overlap. Not thread-safe.
/// </summary>
internal sealed class DelayedChanges
{
    // As many as stay in the cache until it is their turn, and few enough that the commit which applies them, or the
    // reader, does not notice.
    private const int MaxChanges = 32;
    private const int MaxBytes = 64 << 10;

    private readonly List<StateChange> _changes = [];
    private readonly List<Sequence> _versions = [];
    private ByteWriter _bytes = new(1024);

    public bool IsEmpty => _changes.Count == 0;

    public bool IsFull => _changes.Count >= MaxChanges || _bytes.Length >= MaxBytes;

    /// <summary>Adds the changes of the next commit, which stand in <paramref name="source"/>; copies them.</summary>
    public void Add(ReadOnlySpan<byte> source, ReadOnlySpan<StateChange> changes, Sequence version)
    {
        var start = _bytes.Length;
        _bytes.Raw(source);
        foreach (ref readonly var change in changes)
        {
            _changes.Add(change.MovedBy(start));
            _versions.Add(version);
        }
    }

    /// <summary>Applies them all in their order, and forgets them.</summary>
    public void ApplyTo(StateStore store)
    {
        var changes = CollectionsMarshal.AsSpan(_changes);
        store.Prefetch(changes);
        for (var i = 0; i < changes.Length; i++)
            store.Apply(_bytes.Span, changes[i], _versions[i]);
        _changes.Clear();
        _versions.Clear();
        if (_bytes.Capacity > 2 * MaxBytes)
            _bytes = new ByteWriter(1024);
        _bytes.Clear();
    }
}
