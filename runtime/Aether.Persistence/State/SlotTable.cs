namespace Aether.Persistence.State;

/// <summary>The slots of all keys, by number; the number of a key that went is used again. Not thread-safe.</summary>
internal sealed class SlotTable(EngineMemory memory)
{
    private const int None = -1;

    private Slot[] _slots = new Slot[16];
    private int _used;

    // The free slots are a list through themselves, so that to free one needs no memory.
    private int _firstFree = None;
    private int _free;

    /// <summary>Slots in use.</summary>
    public int Count => _used - _free;

    /// <summary>Slots there is room for.</summary>
    public int Capacity => _slots.Length;

    /// <summary>A slot; the reference is good until the next <see cref="Add"/>.</summary>
    public ref Slot this[int number] => ref _slots[number];

    /// <summary>Number of a slot that nobody uses yet; it is free until it is given a record.</summary>
    public int Add()
    {
        if (_free > 0)
        {
            var number = _firstFree;
            _firstFree = _slots[number].Offset;
            _free--;
            return number;
        }

        Reserve(1);
        _slots[_used] = Slot.Free;
        return _used++;
    }

    /// <summary>Grows if need be, so that the next <paramref name="count"/> additions need no memory.</summary>
    public void Reserve(int count)
    {
        if (count <= _free + _slots.Length - _used)
            return;
        var larger = memory.Array<Slot>(Math.Max(_slots.Length * 2, _used + count));
        _slots.AsSpan(0, _used).CopyTo(larger);
        _slots = larger;
    }

    public void Remove(int number)
    {
        _slots[number] = Slot.Free with { Offset = _firstFree };
        _firstFree = number;
        _free++;
    }

    /// <summary>A copy of all, the free ones among them included.</summary>
    public Slot[] Copy() => _slots.AsSpan(0, _used).ToArray();
}
