using System.Text;

namespace Aether.Persistence.State;

/// <summary>The entries of a state at one moment. They never change; keys are decoded on request.</summary>
internal sealed class StateImage(int count, Slot[] slots, byte[][] slabs)
{
    /// <summary>Number of entries.</summary>
    public int Count => count;

    /// <summary>All entries in the order of their keys.</summary>
    public IReadOnlyList<StateEntry> Order() => Order(_ => true);

    /// <summary>The entries of a kind whose id begins with a prefix, in the order of their keys.</summary>
    public IReadOnlyList<StateEntry> Scan(string kind, string idPrefix)
    {
        var (kindBytes, prefixBytes) = (Encoding.UTF8.GetBytes(kind), Encoding.UTF8.GetBytes(idPrefix));
        return Order(key => EncodedKey.Kind(key).SequenceEqual(kindBytes)
            && EncodedKey.Id(key).StartsWith(prefixBytes));
    }

    /// <summary>All entries, in no order.</summary>
    public IEnumerable<StateEntry> Enumerate() =>
        new StateEntryList(this, [.. Enumerable.Range(0, slots.Length).Where(number => !slots[number].IsFree)]);

    private StateEntryList Order(Func<ReadOnlySpan<byte>, bool> takes)
    {
        var taken = new List<int>();
        for (var i = 0; i < slots.Length; i++)
        {
            if (!slots[i].IsFree && takes(KeyOf(i)))
                taken.Add(i);
        }

        taken.Sort((x, y) => EncodedKey.Compare(KeyOf(x), KeyOf(y)));
        return new StateEntryList(this, taken);
    }

    private ReadOnlySpan<byte> KeyOf(int number) => slots[number].KeyIn(slabs[slots[number].Slab]);

    private StateValue ValueOf(int number) =>
        new(slots[number].ValueIn(slabs[slots[number].Slab]), slots[number].Version);

    /// <summary>Some of the entries in some order, each created on request.</summary>
    private sealed class StateEntryList(StateImage image, List<int> numbers) : IReadOnlyList<StateEntry>
    {
        public int Count => numbers.Count;

        public StateEntry this[int index] =>
            new(EncodedKey.Decode(image.KeyOf(numbers[index])), image.ValueOf(numbers[index]));

        public IEnumerator<StateEntry> GetEnumerator()
        {
            var kind = "";
            var former = -1;
            foreach (var number in numbers)
            {
                // Neighbours are mostly of one kind, so they share one string.
                if (former < 0 || !HasKindOf(number, former))
                    kind = EncodedKey.DecodeKind(image.KeyOf(number));
                former = number;
                yield return new StateEntry(
                    new StateKey(kind, EncodedKey.DecodeId(image.KeyOf(number))), image.ValueOf(number));
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private bool HasKindOf(int number, int other) =>
            EncodedKey.Kind(image.KeyOf(number)).SequenceEqual(EncodedKey.Kind(image.KeyOf(other)));
    }
}
