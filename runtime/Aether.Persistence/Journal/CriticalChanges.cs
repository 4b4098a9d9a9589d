using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Journal;

/// <summary>The changes that an append makes to critical keys, for a journal that also keeps them in a table.</summary>
public static class CriticalChanges
{
    /// <summary>
    /// The last change that <paramref name="blocks"/> make to each key of <paramref name="kinds"/>: the new value, or
    /// null if the key is removed.
    /// </summary>
    /// <exception cref="InvalidDataException">The engine did not write this block: a defect.</exception>
    public static IReadOnlyDictionary<StateKey, StateValue?> In(
        IEnumerable<LogBlock> blocks, IReadOnlySet<string> kinds)
    {
        var changes = new Dictionary<StateKey, StateValue?>();
        foreach (var block in blocks)
            Add(block, kinds, changes);
        return changes;
    }

    private static void Add(LogBlock block, IReadOnlySet<string> kinds, Dictionary<StateKey, StateValue?> changes)
    {
        if (!BlockHeader.TryRead(block.Encoded.Span, out var header, out _))
            throw new InvalidDataException($"The bytes from commit {block.First} on are not a block.");
        var source = block.Encoded.Span;
        var made = new List<StateChange>();
        var entries = new EntryReader(source, 0, header, made);
        for (var version = header.First; entries.TryRead(out _); version = version.Next)
        {
            foreach (var change in made)
            {
                var key = EncodedKey.Decode(change.KeyIn(source));
                if (kinds.Contains(key.Kind))
                    changes[key] = change.IsRemoval ? null : new StateValue(change.ValueIn(source).ToArray(), version);
            }

            made.Clear();
        }
    }
}
